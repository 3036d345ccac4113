import type { ServiceCentre, Slot, Visit, VisitView } from '../src/api/generated';

export const HOUR = 3_600_000;
/** Monday 23 November 2026, midnight in Shanghai. */
export const MONDAY = Date.parse('2026-11-23T00:00:00+08:00');
export const at = (day: number, hour: number, minute = 0): number => MONDAY + day * 24 * HOUR + hour * HOUR + minute * 60_000;

export const centre = (more: Partial<ServiceCentre> = {}): ServiceCentre => ({
  remote_id: 'hangzhou', city_zh: '杭州', city_en: 'Hangzhou', latitude: 30.29, longitude: 120.16, hours: '', services: ['hardware_inspection', 'network_stress_test', 'security_hardening'], source: '', verified_on: '2026-11-01', address: '', country: 'CN',
  calendar: { tz: 'Asia/Shanghai', hours: { mon: [['09:00', '18:00']] }, holidays: [], shifts: {}, breaks: {} }, contacts: [{ name: 'Duty desk', role: '', phone: '+86 571 0000 0001', email: '' }],
  engineers: [{ id: 'wang', name: '王磊', skills: ['hardware_inspection'], languages: ['zh-CN'] }, { id: 'li', name: '李婷', skills: ['hardware_inspection'], languages: ['zh-CN', 'en'] }],
  rules: { slot_minutes: 120, capacity: 3, buffer_before_min: 30, buffer_after_min: 30, notice_min: 240, horizon_days: 30, travel_radius_km: 100, cancel_cutoff_min: 240 }, ...more,
});

export const slot = (start: number, more: Partial<Slot> = {}): Slot => ({ centre_id: 'hangzhou', start, end: start + 2 * HOUR, engineer_ids: ['wang', 'li'], free: 2, ...more });

export const visit = (more: Partial<Visit> = {}): Visit => ({
  id: 'V-1', ticket_remote_id: 'T-1', service: 'hardware_inspection', site: { name: 'Room B', address: '1 Road', city: '杭州', latitude: 30.2, longitude: 120.2, country: 'CN' }, contact: { name: '周启明', role: '', phone: '138', email: '' }, asset: 'SRV-1', note: '', window: { from: at(0, 0), to: at(2, 0) },
  centre_id: 'hangzhou', slot: slot(at(0, 9), { engineer_ids: ['wang'], free: 0 }), engineer_id: 'wang', state: 'confirmed', requested_at: at(-1, 9), history: [{ at: at(-1, 9), kind: 'requested', actor: '', detail: '', start: at(0, 9) }], checklist: [{ text: 'power', done: false, finding: '' }], findings: '', sign_off: null, sequence: 0, version: '1', ...more,
});

export const view = (key: string, more: Partial<Omit<VisitView, 'visit'>> & { visit?: Partial<Visit> } = {}): VisitView => {
  const { visit: words, ...rest } = more;
  return { key, account: 1, ticket: 1, ticket_remote_id: 'T-1', ticket_subject: 'subject', customer: '华东支付', pending: [], refusal: null, centre: centre(), engineer_name: '王磊', clock: null, carrier: null, photos: [], can: ['reschedule', 'cancel', 'edit'], cutoff_at: at(0, 5), ...rest, visit: visit(words) };
};
