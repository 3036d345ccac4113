// Alerts inside the window: the same rows that the core shows as native notifications.
import type { Alert } from '../api/generated';
import type { Host } from '../host/host';
import { ALERT_GROUPS, byDeadline, calls, groupOf, isOpen, type AlertGroup } from '../lib/alert';

/** Open alerts in the list at once; whoever has more works from Watch. */
export const OPEN_MAX = 200;
/** Alerts that were dealt with, newest first. */
const EARLIER_MAX = 30;
/** Acknowledged in one go. */
const AT_ONCE_MAX = 1000;
const ROUNDS_MAX = 20;

export class Alerts {
  list = $state.raw<Alert[]>([]);
  readonly #host: Host;
  #asked = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    const asked = (this.#asked += 1);
    const [open, recent] = await Promise.all([this.#host.call('alerts', { limit: OPEN_MAX, open_only: true }), this.#host.call('alerts', { limit: EARLIER_MAX, open_only: false })]);
    // An answer that was overtaken tells of before.
    if (asked !== this.#asked) return;
    const known = new Set(open.map((alert) => alert.id));
    this.list = [...open, ...recent.filter((alert) => !known.has(alert.id))];
  }

  raised(alert: Alert): void {
    this.list = [alert, ...this.list.filter((one) => one.id !== alert.id)];
  }

  open(now: number): Alert[] {
    return this.list.filter((alert) => isOpen(alert, now));
  }

  /** How many ask for somebody now. */
  calling(now: number): number {
    return this.list.filter((alert) => calls(alert, now)).length;
  }

  /** Breached first, then what is coming, then what is held back; each by its deadline. */
  groups(now: number): { group: AlertGroup; alerts: Alert[] }[] {
    const open = this.open(now).toSorted(byDeadline);
    return ALERT_GROUPS.map((group) => ({ group, alerts: open.filter((alert) => groupOf(alert, now) === group) })).filter((entry) => entry.alerts.length > 0);
  }

  earlier(now: number): Alert[] {
    return this.list.filter((alert) => !isOpen(alert, now)).toSorted((a, b) => b.raised_at - a.raised_at).slice(0, EARLIER_MAX);
  }

  async acknowledge(id: number): Promise<void> {
    await this.#host.call('alert_acknowledge', { id });
    await this.load();
  }

  /** Every open one, also those beyond the list. Answers how many. */
  async acknowledgeAll(): Promise<number> {
    let done = 0;
    for (let round = 0; round < ROUNDS_MAX; round += 1) {
      const open = await this.#host.call('alerts', { limit: AT_ONCE_MAX, open_only: true });
      if (open.length === 0) break;
      await this.#host.call('alerts_acknowledge', { ids: open.map((alert) => alert.id) });
      done += open.length;
      if (open.length < AT_ONCE_MAX) break;
    }
    await this.load();
    return done;
  }

  async snooze(id: number, minutes: number): Promise<void> {
    await this.#host.call('alert_snooze', { id, minutes });
    await this.load();
  }
}
