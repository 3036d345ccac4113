// An error in the words of the catalogue.
import type { ApiError } from '../api/generated';
import { l10n, t } from '../lib/l10n.svelte';

export type Said = { what: string; kept: string; next: string; detail: string };

export const errorKey = (code: string): string => `error-${code.replaceAll('_', '-')}`;

export function say(error: ApiError): Said {
  const named = errorKey(error.code);
  const key = l10n.has(named) ? named : 'error-internal';
  return {
    what: t(`${key}.what`, error.args),
    kept: t(`${key}.kept`, error.args),
    next: t(`${key}.next`, error.args),
    detail: error.args['detail'] ?? error.args['reason'] ?? '',
  };
}
