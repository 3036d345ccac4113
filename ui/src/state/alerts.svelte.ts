// Alerts inside the window: the same rows that the core shows as native notifications.
import type { Alert, NotificationSupport } from '../api/generated';
import type { Host } from '../host/host';

const ALERTS_MAX = 50;
export const SNOOZE_MINUTES = 10;

export class Alerts {
  list = $state.raw<Alert[]>([]);
  support = $state.raw<NotificationSupport | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.list = await this.#host.call('alerts', { limit: ALERTS_MAX });
  }

  async loadSupport(): Promise<void> {
    this.support = await this.#host.call('notification_support', {});
  }

  raised(alert: Alert): void {
    this.list = [alert, ...this.list.filter((one) => one.id !== alert.id)].slice(0, ALERTS_MAX);
  }

  open(now: number): Alert[] {
    return this.list.filter((one) => one.acknowledged_at === null && (one.snoozed_until === null || one.snoozed_until <= now));
  }

  async acknowledge(id: number): Promise<void> {
    await this.#host.call('alert_acknowledge', { id });
    await this.load();
  }

  async snooze(id: number): Promise<void> {
    await this.#host.call('alert_snooze', { id, minutes: SNOOZE_MINUTES });
    await this.load();
  }
}
