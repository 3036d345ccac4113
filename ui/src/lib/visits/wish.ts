// What is typed in the wizard, and the request that it makes.
import type { Contact, KnownSite, Problem, Service, Site, TicketDetail, VisitBooking, VisitRequest } from '../../api/generated';
import { readMoment, typedMoment, type TypedMoment } from '../typed-moment';

export const STEPS = ['ticket', 'site', 'time', 'confirm'] as const;
export type WizardStep = (typeof STEPS)[number];

export type Wish = {
  service: Service;
  site: { name: string; address: string; city: string; country: string };
  /** "30.25, 120.16", as typed or as the city says. */
  coordinates: string;
  contact: Contact;
  asset: string;
  note: string;
  from: TypedMoment;
  to: TypedMoment;
  /** Of the centre; '' leaves it to the server. */
  centre: string;
  /** The chosen slot's beginning; null leaves it to the server. */
  start: number | null;
  languages: string[];
  waitlist: boolean;
};

export const HOUR_MS = 3_600_000;
/** What the service promises: an engineer within two days. */
export const PROMISE_HOURS = 48;

export function blankWish(now: number): Wish {
  return {
    service: 'hardware_inspection',
    site: { name: '', address: '', city: '', country: 'CN' },
    coordinates: '',
    contact: { name: '', role: '', phone: '', email: '' },
    asset: '',
    note: '',
    from: typedMoment(now),
    to: typedMoment(now + PROMISE_HOURS * HOUR_MS),
    centre: '',
    start: null,
    languages: [],
    waitlist: false,
  };
}

/** Two numbers, north first; null where they are none or nowhere. */
export function readCoordinates(text: string): { latitude: number; longitude: number } | null {
  const found = /^\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[NＮ]?\s*[,，\s]\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[EＥ]?\s*$/i.exec(text.normalize('NFKC'));
  if (!found) return null;
  const [latitude, longitude] = [Number(found[1]), Number(found[2])];
  return Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude !== 0 || longitude !== 0) ? { latitude, longitude } : null;
}

export const coordinatesText = (latitude: number | null, longitude: number | null): string => (latitude === null || longitude === null ? '' : `${latitude.toFixed(4)}, ${longitude.toFixed(4)}`);

export function siteOf(wish: Wish): Site {
  const place = readCoordinates(wish.coordinates);
  return { ...wish.site, latitude: place?.latitude ?? null, longitude: place?.longitude ?? null };
}

/** Null while one of the two times cannot be read. */
export function windowOf(wish: Wish): { from: number; to: number } | null {
  const [from, to] = [readMoment(wish.from), readMoment(wish.to)];
  return from.at === null || to.at === null ? null : { from: from.at, to: to.at };
}

export function requestOfWish(wish: Wish, ticketRemoteId: string): VisitRequest | null {
  const window = windowOf(wish);
  if (!window) return null;
  return { ticket_remote_id: ticketRemoteId, service: wish.service, site: siteOf(wish), contact: wish.contact, asset: wish.asset, window, centre: wish.centre === '' ? null : wish.centre, note: wish.note };
}

export const bookingOfWish = (wish: Wish): VisitBooking => ({ hold_id: null, start: wish.start, engineer_id: null, languages: wish.languages, waitlist: wish.waitlist });

/** Somewhere that was visited before. */
export function atKnownSite(wish: Wish, known: KnownSite): Wish {
  const { name, address, city, country, latitude, longitude } = known.site;
  return { ...wish, site: { name, address, city, country }, coordinates: coordinatesText(latitude, longitude), contact: known.contact, asset: known.asset };
}

/** What is known of the customer, where there was no visit yet. */
export function ofCustomer(wish: Wish, detail: Pick<TicketDetail, 'customer' | 'requester'>): Wish {
  const { name, city } = detail.customer;
  const email = detail.requester.includes('@') ? detail.requester : '';
  return { ...wish, site: { ...wish.site, name, city }, contact: { ...wish.contact, name: email ? '' : detail.requester, email } };
}

const STEP_OF: Record<string, WizardStep> = { window: 'time', service: 'time', centre: 'time' };

/** On which step a problem is mended. */
export const stepOf = (problem: Problem): WizardStep => STEP_OF[problem.field.split('.')[0] ?? ''] ?? 'site';

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
const isWish = (value: unknown): value is Wish => isObject(value) && ['service', 'site', 'contact', 'from', 'to'].every((name) => name in value);
const isRequest = (value: unknown): value is VisitRequest => isObject(value) && ['service', 'site', 'contact', 'window'].every((name) => name in value);
const isBooking = (value: unknown): value is VisitBooking => isObject(value) && 'start' in value;

/** A draft of this version, or a request that was taken back; null for anything else. What a draft lacks is as in an empty form. */
export function readDraft(read: object, now: number): { step: WizardStep; wish: Wish } | null {
  if ('request' in read && isRequest(read.request)) return { step: 'site', wish: ofRequest(read.request, 'booking' in read && isBooking(read.booking) ? read.booking : null, now) };
  if (!('wish' in read) || !isWish(read.wish)) return null;
  const step = 'step' in read ? STEPS.find((one) => one === read.step) : undefined;
  const blank = blankWish(now);
  return { step: step ?? 'site', wish: { ...blank, ...read.wish, site: { ...blank.site, ...read.wish.site }, contact: { ...blank.contact, ...read.wish.contact } } };
}

/** A request that was taken back comes as it was sent. */
export function ofRequest(request: VisitRequest, booking: VisitBooking | null, now: number): Wish {
  const { site, contact, asset, note, service, window, centre } = request;
  const known = atKnownSite(blankWish(now), { site, contact, asset });
  return { ...known, service, note, from: typedMoment(window.from), to: typedMoment(window.to), centre: centre ?? '', start: booking?.start ?? null, languages: booking?.languages ?? [], waitlist: booking?.waitlist ?? false };
}
