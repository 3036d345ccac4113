// Calendars that are read: the live Q&A, and what a person subscribed to; and the sessions that they hold.
import type { ApiError, LiveSession, Subscription } from '../api/generated';
import { asApiError, type Host } from '../host/host';

export const LIVE_REMINDERS_MIN = [1440, 60, 30, 15, 5];
/** Looked ahead. */
const DAYS_AHEAD = 28;
const DAY_MS = 86_400_000;

export class LiveState {
  subscriptions = $state.raw<Subscription[] | null>(null);
  sessions = $state.raw<LiveSession[]>([]);
  error = $state.raw<ApiError | null>(null);
  /** A calendar that is being added by its address. */
  adding = $state(false);
  name = $state('');
  url = $state('');
  busy = $state(false);
  addError = $state.raw<ApiError | null>(null);
  reading = $state<number | null>(null);
  readonly #host: Host;
  #shown = false;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.#shown = true;
    try {
      const now = Date.now();
      const [subscriptions, sessions] = await Promise.all([this.#host.call('subscriptions', {}), this.#host.call('live_sessions', { from: now, to: now + DAYS_AHEAD * DAY_MS })]);
      this.subscriptions = subscriptions;
      this.sessions = sessions;
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  async changed(): Promise<void> {
    if (this.#shown) await this.load();
  }

  async change(one: Subscription, change: Partial<Pick<Subscription, 'name' | 'enabled' | 'reminders'>>): Promise<void> {
    const { id, name, url, enabled, reminders } = { ...one, ...change };
    await this.#host.call('subscription_put', { subscription: { id, name, url, enabled, reminders } });
    await this.load();
  }

  /** Reads the calendar first; what cannot be read is not added, and stays typed. */
  async add(): Promise<Subscription | null> {
    if (this.busy || this.url.trim() === '') return null;
    this.busy = true;
    this.addError = null;
    try {
      const added = await this.#host.call('subscription_put', { subscription: { id: null, name: this.name.trim(), url: this.url.trim(), enabled: true, reminders: [15] } });
      this.name = '';
      this.url = '';
      this.adding = false;
      await this.load();
      return added;
    } catch (thrown) {
      this.addError = asApiError(thrown);
      return null;
    } finally {
      this.busy = false;
    }
  }

  /** From a file; null when the person thought better of it. */
  async pick(): Promise<Subscription | null> {
    this.addError = null;
    try {
      const added = await this.#host.call('subscription_pick', {});
      if (added) await this.load();
      return added;
    } catch (thrown) {
      this.addError = asApiError(thrown);
      return null;
    }
  }

  async remove(one: Subscription): Promise<void> {
    await this.#host.call('subscription_remove', { id: one.id });
    await this.load();
  }

  async refresh(one: Subscription): Promise<void> {
    this.reading = one.id;
    try {
      await this.#host.call('subscription_refresh', { id: one.id });
    } finally {
      this.reading = null;
      await this.load();
    }
  }
}
