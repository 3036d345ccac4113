// Names of languages in the language that is on.
import { l10n, t } from './l10n.svelte';

/** BCP 47 in, words out; what is no tag comes back as it is. */
export function languageName(code: string): string {
  if (code === 'zh' || code === 'zh-CN') return t('language-zh');
  if (code === 'en') return t('language-en');
  if (DIALECTS.has(code)) return t(`language-${code}`);
  try {
    return new Intl.DisplayNames([l10n.language], { type: 'language' }).of(code) ?? code;
  } catch {
    return code;
  }
}

/** Not every window knows these. */
const DIALECTS = new Set(['yue', 'wuu', 'nan', 'hak']);

/** Languages that are offered to choose from. */
export const LANGUAGES = ['zh-CN', 'en', 'yue', 'wuu', 'nan', 'ja', 'ko', 'de', 'fr', 'es', 'ms', 'th', 'vi', 'id'];
