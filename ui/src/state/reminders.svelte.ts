// Reminders of appointments: visits, diagnosis sessions, live sessions. The core rings them; these are the rows.
import type { ReminderView } from '../api/generated';
import type { Host } from '../host/host';
import { asks } from '../lib/reminder';

export class Reminders {
  /** Those that stand, soonest first. */
  list = $state.raw<ReminderView[]>([]);
  readonly #host: Host;
  #asked = 0;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    const asked = (this.#asked += 1);
    const list = await this.#host.call('reminders', { open_only: true });
    // An answer that was overtaken tells of before.
    if (asked === this.#asked) this.list = list;
  }

  calling(now: number): number {
    return this.list.filter((one) => asks(one, now)).length;
  }

  async acknowledge(id: number): Promise<void> {
    await this.#host.call('reminder_acknowledge', { id });
    await this.load();
  }

  async snooze(id: number, minutes: number): Promise<void> {
    await this.#host.call('reminder_snooze', { id, minutes });
    await this.load();
  }

  async acknowledgeAll(): Promise<number> {
    const ids = this.list.map((one) => one.id);
    for (const id of ids) await this.#host.call('reminder_acknowledge', { id });
    await this.load();
    return ids.length;
  }
}
