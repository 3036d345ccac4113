// The screens behind the first one: fetched once that is on the screen, so that a click finds them there.
import type { Component } from 'svelte';
import type { Screen } from '../state/desk.svelte';

type Later = Exclude<Screen, 'watch'>;
type Loaded = Promise<{ default: Component }>;

const sources: Record<Later, () => Loaded> = {
  tickets: () => import('./TicketsView.svelte'),
  visits: () => import('../features/visits/Visits.svelte'),
  phones: () => import('./PhonesView.svelte'),
  centres: () => import('../features/centres/Centres.svelte'),
  customers: () => import('./CustomersView.svelte'),
  reports: () => import('../features/reports/Reports.svelte'),
  outbox: () => import('../features/outbox/Outbox.svelte'),
  settings: () => import('./SettingsView.svelte'),
};
const known = new Map<Later, Loaded>();

export function screen(name: Later): Loaded {
  const before = known.get(name);
  if (before) return before;
  const loaded = sources[name]();
  known.set(name, loaded);
  return loaded;
}

export function fetchAll(): void {
  for (const name of Object.keys(sources) as Later[]) void screen(name);
}
