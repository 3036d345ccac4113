// A rough hint while choosing a passphrase; the vault itself accepts from PASSPHRASE_LENGTH_MIN on.

export const PASSPHRASE_LENGTH_MIN = 8;

export type Strength = 'short' | 'weak' | 'fair' | 'strong';

/** Bits by the alphabet that is used; repeated characters count once for every second one. */
export function strength(passphrase: string): Strength {
  const characters = [...passphrase];
  if (characters.length < PASSPHRASE_LENGTH_MIN) return 'short';
  const kinds: [RegExp, number][] = [[/[a-z]/, 26], [/[A-Z]/, 26], [/[0-9]/, 10], [/[\u3400-\u9fff]/, 2500], [/[^a-zA-Z0-9\u3400-\u9fff]/, 30]];
  const alphabet = kinds.reduce((sum, [kind, size]) => sum + (kind.test(passphrase) ? size : 0), 0);
  const bits = Math.log2(alphabet) * ((new Set(characters).size + characters.length) / 2);
  if (bits < 50) return 'weak';
  return bits < 75 ? 'fair' : 'strong';
}
