// The state of the application itself: phase, settings, vault, language and theme.
import type { AppState, ApiError, Settings } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { l10n } from '../lib/l10n.svelte';

export class AppStore {
  state = $state.raw<AppState | null>(null);
  /** Set when even the first question to the core failed. */
  unreachable = $state.raw<ApiError | null>(null);
  readonly #host: Host;
  readonly #dark = typeof matchMedia === 'function' ? matchMedia('(prefers-color-scheme: dark)') : null;

  constructor(host: Host) {
    this.#host = host;
    this.#dark?.addEventListener('change', () => this.#dress());
  }

  async load(): Promise<void> {
    try {
      this.take(await this.#host.call('app_state', {}));
      this.unreachable = null;
    } catch (thrown) {
      this.unreachable = asApiError(thrown);
    }
  }

  take(state: AppState): void {
    this.state = state;
    l10n.use(state.settings.language);
    this.#dress();
  }

  get settings(): Settings | null {
    return this.state?.settings ?? null;
  }

  /** Shown at once; taken back when it could not be stored. */
  async change(change: Partial<Settings>): Promise<void> {
    const before = this.state;
    if (!before) return;
    this.take({ ...before, settings: { ...before.settings, ...change } });
    try {
      const settings = await this.#host.call('settings_put', { settings: { ...before.settings, ...change } });
      if (this.state) this.take({ ...this.state, settings });
    } catch (thrown) {
      this.take(before);
      throw thrown;
    }
  }

  async createVault(passphrase: string): Promise<void> {
    this.take(await this.#host.call('vault_create', { passphrase }));
  }

  async unlock(passphrase: string): Promise<void> {
    this.take(await this.#host.call('vault_unlock', { passphrase }));
  }

  #dress(): void {
    const theme = this.state?.settings.theme ?? 'system';
    const dark = theme === 'dark' || (theme === 'system' && this.#dark?.matches === true);
    document.documentElement.dataset['theme'] = dark ? 'dark' : 'light';
  }
}
