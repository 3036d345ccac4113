// Alerts and a bell that tests bend.
import type { Alert, BellView } from '../src/api/generated';

export const alertOf = (more: Partial<Alert> = {}): Alert => ({
  id: 1, ticket_id: 1, remote_id: 'T-1', subject: 'Gateway 502', customer: '', priority: 'urgent', metric: 'resolution', instance: 1, threshold: { kind: 'share', percent: 75 },
  due_at: 0, deadline_at: 0, raised_at: 0, shown_at: 0, acknowledged_at: null, snoozed_until: null, held_until: null, silent: false, sound: true, escalate_at: null, ended_at: null, ...more,
});

export const bellView = (settings: Partial<BellView['settings']> = {}, support: Partial<BellView['support']> = {}): BellView => ({
  settings: { quiet: null, quiet_urgent_rings: true, dnd_until: null, dnd_urgent_rings: false, escalate_after_min: null, visit_reminders_min: [1440, 120], views: [], ...settings },
  support: { available: true, server: 'double 1', actions: true, body_markup: true, persistence: false, sound: false, checked_at: 0, reason: null, ...support },
  quiet_now: false, held: 0, next_due: null,
});
