// Finding a centre by its city: as it is written in either language, by its pinyin, or by the first letters of that.
import type { CentreEntry } from '../../api/generated';

/** Letters and digits only, without marks: `Xi’an`, `xi an` and `XIAN` are one. */
export const plain = (text: string): string => text.normalize('NFKD').toLowerCase().replaceAll(/[\p{M}\s'’‘`´·.-]/gu, '');

/** 0 is the best match; null is none. */
export function matchOf({ centre, pinyin, initials }: CentreEntry, query: string): number | null {
  const wanted = plain(query);
  if (wanted === '') return 0;
  const names = [plain(centre.city_zh), plain(centre.city_en), plain(pinyin)];
  if (names.includes(wanted) || plain(initials) === wanted) return 0;
  if (names.some((name) => name.startsWith(wanted)) || plain(initials).startsWith(wanted)) return 1;
  // Two letters are initials: within a word they would find half of the country.
  if (/^[a-z]{1,2}$/.test(wanted)) return null;
  if (names.some((name) => name.includes(wanted)) || plain(centre.address).includes(wanted)) return 2;
  return null;
}
