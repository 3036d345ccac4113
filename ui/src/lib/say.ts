// An error in the words of the catalogue.
import type { ApiError, Code, Problem } from '../api/generated';
import { sentences, t } from './l10n.svelte';

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

/** What is wrong with a field, beside it: what is the matter and what to do. */
export function problemText(problem: Pick<Problem, 'code' | 'args'>): string {
  const key = errorKey(problem.code);
  const args: Record<string, string | number> = {};
  // Numbers arrive as text; the catalogue chooses between one and many by them.
  for (const [name, value] of Object.entries(problem.args)) args[name] = /^\d{1,9}$/.test(value) ? Number(value) : value;
  return sentences(t(`${key}.what`, args), t(`${key}.next`, args));
}
