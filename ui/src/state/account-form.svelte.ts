// Connecting an account: checked against the server first, stored only if that went well. Nothing typed is lost.
import type { ApiError, Code, ProviderKind } from '../api/generated';
import { asApiError, type Host } from '../host/host';

export type AccountField = 'endpoint' | 'user' | 'secret';

const FIELD_OF_CODE: Partial<Record<Code, AccountField>> = {
  host_unreachable: 'endpoint', name_not_resolved: 'endpoint', certificate_invalid: 'endpoint', plain_http_refused: 'endpoint', endpoint_invalid: 'endpoint', not_supported_server: 'endpoint',
  answer_not_json: 'endpoint', answer_truncated: 'endpoint', answer_unexpected: 'endpoint', not_found: 'endpoint', timed_out: 'endpoint', connection_lost: 'endpoint', server_failed: 'endpoint', account_exists: 'user', credentials_wrong: 'secret', forbidden: 'secret',
};

export class AccountForm {
  kind = $state<ProviderKind>('rt');
  name = $state('');
  endpoint = $state('');
  user = $state('');
  secret = $state('');
  step = $state<'idle' | 'checking' | 'adding'>('idle');
  error = $state.raw<ApiError | null>(null);
  checked = $state<{ name: string; server: string } | null>(null);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  get ready(): boolean {
    return this.step === 'idle' && this.endpoint.trim() !== '' && this.user.trim() !== '' && this.secret !== '';
  }

  /** The field beside which the error belongs; null: none in particular. */
  get errorField(): AccountField | null {
    return this.error ? (FIELD_OF_CODE[this.error.code] ?? null) : null;
  }

  async connect(): Promise<boolean> {
    if (!this.ready) return false;
    const reach = { kind: this.kind, endpoint: this.endpoint.trim(), user: this.user.trim(), secret: this.secret };
    this.error = null;
    this.checked = null;
    this.step = 'checking';
    try {
      const found = await this.#host.call('account_check', reach);
      this.checked = { name: found.display_name, server: found.server };
      this.step = 'adding';
      await this.#host.call('account_add', { ...reach, name: this.name.trim() || hostName(reach.endpoint) });
      this.secret = '';
      this.name = '';
      this.endpoint = '';
      this.user = '';
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

function hostName(endpoint: string): string {
  try {
    return new URL(endpoint).host;
  } catch {
    return endpoint;
  }
}
