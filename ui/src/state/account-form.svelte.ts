// Connecting an account: checked against the server first, stored only if that went well. Nothing typed is lost.
import type { ApiError, Code, ProviderKind } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { OptionsDraft } from './account-options.svelte';

export type AccountField = 'endpoint' | 'user' | 'secret' | 'token';

/** Where Alibaba Cloud answers for work orders: one address for most regions, two regions with their own. */
export const WORKORDER_ENDPOINTS = ['https://workorder.aliyuncs.com', 'https://workorder.ap-southeast-1.aliyuncs.com', 'https://workorder.ap-northeast-1.aliyuncs.com'] as const;

const FIELD_OF_CODE: Partial<Record<Code, AccountField>> = {
  host_unreachable: 'endpoint', name_not_resolved: 'endpoint', certificate_invalid: 'endpoint', plain_http_refused: 'endpoint', endpoint_invalid: 'endpoint', not_supported_server: 'endpoint',
  answer_not_json: 'endpoint', answer_truncated: 'endpoint', answer_unexpected: 'endpoint', not_found: 'endpoint', timed_out: 'endpoint', connection_lost: 'endpoint', server_failed: 'endpoint', account_exists: 'user', credentials_wrong: 'secret', forbidden: 'secret',
};

export class AccountForm {
  kind = $state<ProviderKind>('rt');
  name = $state('');
  endpoint = $state('');
  /** Which of the known addresses; `other` is the one typed. */
  region = $state<(typeof WORKORDER_ENDPOINTS)[number] | 'other'>(WORKORDER_ENDPOINTS[0]);
  user = $state('');
  secret = $state('');
  /** Security token of a temporary key (STS); empty for a lasting one. */
  token = $state('');
  step = $state<'idle' | 'checking' | 'adding'>('idle');
  error = $state.raw<ApiError | null>(null);
  checked = $state<{ name: string; server: string } | null>(null);
  /** Fields that were left: what is wrong with them is said from then on. */
  left = $state<AccountField[]>([]);
  readonly options: OptionsDraft;
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
    this.options = new OptionsDraft(host);
  }

  get address(): string {
    return this.kind === 'aliyun' && this.region !== 'other' ? this.region : this.endpoint.trim();
  }

  get ready(): boolean {
    return this.step === 'idle' && this.address !== '' && this.user.trim() !== '' && this.secret.trim() !== '' && this.options.valid && this.#wrong('token') === null;
  }

  /** The field beside which the error belongs; null: none in particular. */
  get errorField(): AccountField | null {
    return this.error ? (FIELD_OF_CODE[this.error.code] ?? null) : null;
  }

  leave(field: AccountField): void {
    if (!this.left.includes(field)) this.left = [...this.left, field];
  }

  /** Catalogue key of what is wrong with a field as typed, once it was left. */
  hint(field: AccountField): string | null {
    return this.left.includes(field) ? this.#wrong(field) : null;
  }

  #wrong(field: AccountField): string | null {
    const temporary = this.user.trim().startsWith('STS.');
    if (field === 'endpoint' && this.endpoint.trim() !== '' && (this.kind !== 'aliyun' || this.region === 'other')) return addressProblem(this.endpoint.trim());
    if (field === 'user' && this.kind === 'aliyun' && /\s/.test(this.user.trim())) return 'account-key-spaces';
    if (field === 'token' && this.kind === 'aliyun' && temporary && this.token.trim() === '') return 'account-token-needed';
    return null;
  }

  async connect(): Promise<boolean> {
    if (!this.ready) return false;
    const aliyun = this.kind === 'aliyun';
    // The core takes the token of a temporary key on a second line of the secret.
    const secret = aliyun ? [this.secret.trim(), this.token.trim()].filter((one) => one !== '').join('\n') : this.secret;
    const reach = { kind: this.kind, endpoint: this.address, user: this.user.trim(), secret, options: this.options.options };
    this.error = null;
    this.checked = null;
    this.step = 'checking';
    try {
      const found = await this.#host.call('account_check', reach);
      this.checked = { name: found.display_name, server: found.server };
      this.step = 'adding';
      await this.#host.call('account_add', { ...reach, name: this.name.trim() || hostName(reach.endpoint) });
      for (const field of ['secret', 'token', 'name', 'endpoint', 'user'] as const) this[field] = '';
      this.left = [];
      this.checked = null;
      return true;
    } catch (thrown) {
      this.error = asApiError(thrown);
      return false;
    } finally {
      this.step = 'idle';
    }
  }
}

function addressProblem(text: string): string | null {
  try {
    const url = new URL(text);
    if (url.protocol === 'https:') return null;
    const here = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
    return url.protocol === 'http:' && here ? null : 'account-address-https';
  } catch {
    return 'account-address-whole';
  }
}

function hostName(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return endpoint;
  }
}
