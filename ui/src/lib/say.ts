// An error in the words of the catalogue.
import type { ApiError, Code } from '../api/generated';
import { t } from './l10n.svelte';

export type Said = { what: string; kept: string; next: string; detail: string };

export const errorKey = (code: Code): string => `error-${code.replaceAll('_', '-')}`;

export function say(error: ApiError): Said {
  const key = errorKey(error.code);
  return {
    what: t(`${key}.what`, error.args),
    kept: t(`${key}.kept`, error.args),
    next: t(`${key}.next`, error.args),
    detail: error.args['detail'] ?? error.args['reason'] ?? '',
  };
}
