// How the bell is set: quiet hours, do-not-disturb, rules by view; and what the desktop can do for it.
import type { BellSettings, BellView, NotificationSupport, ViewRule } from '../api/generated';
import type { Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { quietUntil } from '../lib/quiet';
import { emptyFilter } from './tickets.svelte';

export type ViewDraft = { rule: ViewRule; fresh: boolean };

export class BellState {
  view = $state.raw<BellView | null>(null);
  /** The bell's list is open. */
  open = $state(false);
  /** A rule being written: kept here, so that looking at something else does not lose it. */
  draft = $state<ViewDraft | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get settings(): BellSettings | null {
    return this.view?.settings ?? null;
  }

  get support(): NotificationSupport | null {
    return this.view?.support ?? null;
  }

  async load(): Promise<void> {
    this.view = await this.#host.call('bell_get', {});
  }

  /** Shown at once; taken back when it could not be stored. */
  async change(change: Partial<BellSettings>): Promise<void> {
    const before = this.view;
    if (!before) return;
    const settings = { ...before.settings, ...change };
    this.view = { ...before, settings };
    try {
      this.view = await this.#host.call('bell_put', { settings });
    } catch (thrown) {
      this.view = before;
      throw thrown;
    }
  }

  /** Null ends it. */
  async dnd(minutes: number | null): Promise<void> {
    this.view = await this.#host.call('dnd', { minutes });
  }

  dndUntil(now: number): number | null {
    const until = this.settings?.dnd_until ?? null;
    return until !== null && until > now ? until : null;
  }

  quietUntil(now: number): number | null {
    return quietUntil(this.settings?.quiet ?? null, now);
  }

  /** Shows a notification that stands for nothing. */
  async test(): Promise<void> {
    await this.#host.call('notification_test', {});
  }

  write(rule: ViewRule | null): void {
    this.draft = rule
      ? { rule: $state.snapshot(rule), fresh: false }
      : { rule: { id: newMarker(), name: '', filter: emptyFilter(), ring: 'ring', sound: true, thresholds: [] }, fresh: true };
  }

  async keepDraft(): Promise<void> {
    const { draft, settings } = this;
    if (!draft || !settings) return;
    const rule = { ...$state.snapshot(draft.rule), name: draft.rule.name.trim() };
    const known = settings.views.some((one) => one.id === rule.id);
    await this.change({ views: known ? settings.views.map((one) => (one.id === rule.id ? rule : one)) : [...settings.views, rule] });
    this.draft = null;
  }

  async move(id: string, to: number): Promise<void> {
    const views = [...(this.settings?.views ?? [])];
    const from = views.findIndex((one) => one.id === id);
    const [rule] = from < 0 ? [] : views.splice(from, 1);
    if (!rule || from === to) return;
    views.splice(to, 0, rule);
    await this.change({ views });
  }

  async remove(id: string): Promise<void> {
    await this.change({ views: (this.settings?.views ?? []).filter((one) => one.id !== id) });
  }

  /** Puts a removed rule back where it was. */
  async restore(rule: ViewRule, at: number): Promise<void> {
    const views = (this.settings?.views ?? []).filter((one) => one.id !== rule.id);
    views.splice(at, 0, rule);
    await this.change({ views });
  }
}
