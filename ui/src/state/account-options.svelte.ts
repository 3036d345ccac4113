// How hard an account is asked: empty means as its provider does it by itself.
import type { AccountId, AccountOptions, ApiError } from '../api/generated';
import { asApiError, type Host } from '../host/host';

/** Those that are numbers. */
export type OptionName = Exclude<keyof AccountOptions, 'visit_category'>;

/** Bounds as the core checks them (crates/engine/src/kept.rs). */
export const OPTION_RANGE: Record<OptionName, [least: number, most: number]> = { requests_per_minute: [1, 60_000], connections_max: [1, 32], poll_s: [5, 86_400] };
export const OPTION_NAMES = Object.keys(OPTION_RANGE) as OptionName[];

const NONE: AccountOptions = { requests_per_minute: null, connections_max: null, poll_s: null, visit_category: '' };

export class OptionsDraft {
  texts = $state<Record<OptionName, string>>({ requests_per_minute: '', connections_max: '', poll_s: '' });
  /** The category (Workorder) or queue (Request Tracker) in which visits travel as tickets. */
  visitCategory = $state('');
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);
  readonly #host: Host;

  constructor(host: Host, options: AccountOptions = NONE) {
    this.#host = host;
    for (const name of OPTION_NAMES) this.texts[name] = options[name]?.toString() ?? '';
    this.visitCategory = options.visit_category;
  }

  wrong(name: OptionName): boolean {
    const text = this.texts[name].trim();
    const [least, most] = OPTION_RANGE[name];
    return text !== '' && !(/^\d{1,6}$/.test(text) && Number(text) >= least && Number(text) <= most);
  }

  get valid(): boolean {
    return !OPTION_NAMES.some((name) => this.wrong(name));
  }

  get options(): AccountOptions {
    const read = (name: OptionName): number | null => (this.texts[name].trim() === '' || this.wrong(name) ? null : Number(this.texts[name].trim()));
    return { requests_per_minute: read('requests_per_minute'), connections_max: read('connections_max'), poll_s: read('poll_s'), visit_category: this.visitCategory.trim() };
  }

  async keep(id: AccountId): Promise<boolean> {
    if (!this.valid || this.busy) return false;
    this.busy = true;
    this.error = null;
    try {
      await this.#host.call('account_options_put', { id, options: this.options });
      return true;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return false;
    } finally {
      this.busy = false;
    }
  }
}
