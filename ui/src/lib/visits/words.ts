// What is said of a visit. Times are those of the centre's zone.
import type { Engineer, NoSlot, Service, Slot, Visit, VisitEvent, VisitRefusal, VisitRequest, VisitState, VisitView } from '../../api/generated';
import { centreName } from '../directory/words';
import { l10n, sentences, t } from '../l10n.svelte';
import { say } from '../say';
import { length } from '../time';
import { timeOf, zoneOf } from './board';
import { knownZone, whenName } from './wall';

export const SERVICES: readonly Service[] = ['hardware_inspection', 'network_stress_test', 'security_hardening'];

export const serviceName = (service: Service): string => t(`service-${service}`);
export const stateName = (state: VisitState): string => t(`visit-state-${state}`);
export const viewCentre = (view: VisitView): string => (view.centre ? centreName(view.centre) : view.visit.centre_id);
export const zoneOfView = (view: VisitView): string => knownZone(zoneOf(view.centre));
export const kmName = (km: number): string => t('visit-km', { km: new Intl.NumberFormat(l10n.language, { maximumFractionDigits: km < 10 ? 1 : 0 }).format(km) });

/** How the state looks: asked for, stands, over, or called off. */
export const tone = (state: VisitState): 'asked' | 'stands' | 'done' | 'off' =>
  state === 'confirmed' ? 'stands' : state === 'done' ? 'done' : state === 'requested' || state === 'waitlisted' ? 'asked' : 'off';

/** When it takes place, or what is known instead. */
export function timeName(view: VisitView): string {
  const time = timeOf(view);
  if (time) return whenName(time.start, time.end, zoneOfView(view));
  const { window } = view.visit;
  return window ? t('visit-window', { from: whenName(window.from, null, zoneOfView(view)), to: whenName(window.to, null, zoneOfView(view)) }) : t('visit-no-time');
}

const listed = (names: readonly string[]): string => new Intl.ListFormat(l10n.language, { type: 'conjunction', style: 'narrow' }).format(names);

/** Who could come; the first few by name. */
export function whoName(slot: Slot, engineers: readonly Engineer[]): string {
  const names = slot.engineer_ids.flatMap((id) => engineers.find((one) => one.id === id)?.name ?? []);
  if (names.length === 0) return t('slot-free', { count: slot.free });
  return names.length <= 2 ? listed(names) : t('slot-who-more', { names: listed(names.slice(0, 2)), more: names.length - 2 });
}

/** Instants in what a server said are read in the zone of the centre. */
export function readArgs(args: Record<string, string>, zone: string): Record<string, string> {
  return Object.fromEntries(Object.entries(args).map(([name, value]) => {
    const at = /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    if (!Number.isNaN(at)) return [name, whenName(at, null, zone)];
    return [name, name === 'service' ? t(`service-${value}`) : name === 'state' ? t(`visit-state-${value}`) : value];
  }));
}

export const noSlotName = (why: NoSlot, zone: string): string => t(`no-slot-${why.code}`, readArgs(why.args, zone));

export const refusalWords = (refusal: VisitRefusal, zone: string): { what: string; next: string } => {
  const { what, next } = say({ code: refusal.code, args: { ...readArgs(refusal.args, zone), detail: '' } });
  return { what, next };
};

/** A line of the history; the time of a confirmation or a move is part of it. */
export function eventName(event: VisitEvent, zone: string): string {
  const named = event.start !== null && ['requested', 'confirmed', 'rescheduled'].includes(event.kind);
  return named ? t(`visit-event-${event.kind}-at`, { time: whenName(event.start ?? 0, null, zone) }) : t(`visit-event-${event.kind}`);
}

/** What was asked for, for asking again. */
export function requestOf(visit: Visit, centre: string | null): VisitRequest {
  const { ticket_remote_id, service, site, contact, asset, note, slot } = visit;
  const window = visit.window ?? { from: slot?.start ?? visit.requested_at, to: slot?.end ?? visit.requested_at + 1 };
  return { ticket_remote_id, service, site, contact, asset, note, window, centre };
}

/** Everything about a visit in one sentence, for those who do not see where it stands. */
export const spoken = (view: VisitView): string =>
  [serviceName(view.visit.service), view.customer || view.visit.site.name, view.engineer_name, timeName(view), stateName(view.visit.state), viewCentre(view), view.pending.length > 0 ? t('visit-pending') : '', view.refusal ? t('visit-refused-short') : ''].filter((part) => part !== '').join(', ');

/** Why something cannot be done to it any more, and whom to call instead. */
export function whyNot(view: VisitView, now: number): string {
  const zone = zoneOfView(view);
  const { state } = view.visit;
  if (['declined', 'cancelled', 'done'].includes(state)) return t('visit-stays-final', { state: stateName(state) });
  if (view.ticket === null) return t('visit-stays-ticket');
  const { cutoff_at: cutoff, centre } = view;
  if (cutoff === null || now <= cutoff) return t('visit-stays');
  const contact = centre?.contacts.find((one) => one.phone !== '');
  const said = t('visit-stays-cutoff', { cutoff: whenName(cutoff, null, zone), before: minutesLength(centre?.rules.cancel_cutoff_min ?? 0), centre: viewCentre(view) });
  return contact ? sentences(said, t('visit-call-centre', { centre: viewCentre(view), name: contact.name, phone: contact.phone })) : sentences(said, t('visit-call-centre-unknown', { centre: viewCentre(view) }));
}

const minutesLength = (minutes: number): string => length(minutes * 60_000);
