// The person's CalDAV calendar: how it stands, and the form that sets it. The password goes to the core and never comes back.
import type { ApiError, CaldavView, FoundCalendar } from '../api/generated';
import { asApiError, type Host } from '../host/host';

export class CalendarsState {
  view = $state.raw<CaldavView | null>(null);
  loaded = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** The form is open. */
  editing = $state(false);
  url = $state('');
  user = $state('');
  password = $state('');
  /** What the server offered for what is typed; null before it was asked. */
  found = $state.raw<FoundCalendar[] | null>(null);
  href = $state('');
  tried = $state(false);
  busy = $state<'check' | 'put' | 'push' | 'remove' | null>(null);
  formError = $state.raw<ApiError | null>(null);
  readonly #host: Host;
  #shown = false;
  /** What was typed when the server was asked. */
  #asked = $state('');

  readonly typed = $derived(JSON.stringify([this.url.trim(), this.user.trim(), this.password]));

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.#shown = true;
    try {
      this.view = await this.#host.call('caldav_get', {});
      this.loaded = true;
      this.error = null;
    } catch (thrown) {
      this.error = asApiError(thrown);
    }
  }

  async changed(): Promise<void> {
    if (this.#shown) await this.load();
  }

  /** What was typed before and not kept is still there. */
  edit(): void {
    if (this.view && this.url === '') {
      this.url = this.view.url;
      this.user = this.view.user;
      this.href = this.view.calendar_href;
    }
    this.editing = true;
  }

  discard(): void {
    Object.assign(this, { editing: false, url: '', user: '', password: '', href: '', found: null, tried: false, formError: null });
  }

  get missing(): 'url' | 'user' | 'password' | null {
    if (this.url.trim() === '') return 'url';
    if (this.user.trim() === '') return 'user';
    return this.password === '' && !this.keeps ? 'password' : null;
  }

  /** The kept password is used: nobody typed another, and it is for the same place and person. */
  get keeps(): boolean {
    return this.view !== null && this.password === '' && this.view.url === this.url.trim() && this.view.user === this.user.trim();
  }

  /** The answer of the server belongs to what is typed now. */
  get checked(): boolean {
    return this.found !== null && this.#asked === this.typed;
  }

  async check(): Promise<boolean> {
    this.tried = true;
    if (this.busy || this.missing) return false;
    const { typed } = this;
    Object.assign(this, { busy: 'check', formError: null });
    try {
      const { calendars } = await this.#host.call('caldav_check', { url: this.url.trim(), user: this.user.trim(), password: this.keeps ? null : this.password });
      this.found = calendars;
      this.#asked = typed;
      if (!calendars.some((one) => one.href === this.href)) this.href = calendars[0]?.href ?? '';
      return true;
    } catch (thrown) {
      this.found = null;
      this.formError = asApiError(thrown);
      return false;
    } finally {
      this.busy = null;
    }
  }

  async keep(): Promise<CaldavView | null> {
    if (this.busy || !this.checked || this.href === '') return null;
    Object.assign(this, { busy: 'put', formError: null });
    try {
      const name = this.found?.find((one) => one.href === this.href)?.name ?? '';
      this.view = await this.#host.call('caldav_put', { caldav: { url: this.url.trim(), user: this.user.trim(), password: this.keeps ? null : this.password, calendar_href: this.href, calendar_name: name, enabled: this.view?.enabled ?? true } });
      this.discard();
      return this.view;
    } catch (thrown) {
      this.formError = asApiError(thrown);
      return null;
    } finally {
      this.busy = null;
    }
  }

  async enable(enabled: boolean): Promise<void> {
    const { view } = this;
    if (!view) return;
    this.view = await this.#host.call('caldav_put', { caldav: { url: view.url, user: view.user, password: null, calendar_href: view.calendar_href, calendar_name: view.calendar_name, enabled } });
  }

  async push(): Promise<void> {
    await this.#while('push', () => this.#host.call('caldav_push_now', {}));
  }

  async remove(): Promise<void> {
    await this.#while('remove', () => this.#host.call('caldav_remove', {}));
    this.discard();
  }

  async #while(what: 'push' | 'remove', work: () => Promise<null>): Promise<void> {
    this.busy = what;
    try {
      await work();
    } finally {
      this.busy = null;
      await this.load();
    }
  }
}
