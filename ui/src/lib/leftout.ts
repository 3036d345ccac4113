// What a server did not keep of an edit, from the words that the provider's part noted (`;` between them).
import { say } from './say';
import { isCode } from './codes';
import { t } from './l10n.svelte';

function line(part: string): string {
  const field = /^(.*): Workorder has no such field$/.exec(part)?.[1];
  if (field) return t('left-out-no-field', { field });
  if (part === 'tags: Workorder has none') return t('left-out-no-tags');
  const code = /(?:not proved|could not be read again): (\w+)$/.exec(part)?.[1];
  if (code && isCode(code)) return t('left-out-not-proved', { why: say({ code, args: {} }).what });
  return part;
}

export const leftOutLines = (detail: string): string[] => detail.split('; ').map((part) => line(part.trim())).filter((one) => one !== '');
