// WCAG 2.2 AA over the tokens: every pair of text and ground that the screens use.
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const css = readFileSync(resolve(import.meta.dirname, '../src/styles/tokens.css'), 'utf8');
const block = (selector: string): Map<string, string> => {
  const body = css.slice(css.indexOf('{', css.indexOf(selector)), css.indexOf('}', css.indexOf(selector)));
  return new Map([...body.matchAll(/--([a-z0-9-]+): (#[0-9a-f]{6});/g)].map((found) => [found[1] ?? '', found[2] ?? '']));
};
function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}
const contrast = (a: string, b: string): number => {
  const [high, low] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return ((high ?? 0) + 0.05) / ((low ?? 0) + 0.05);
};

const grounds = ['bg', 'rail', 'panel', 'raise', 'sel', 'hover', 'pick', 'shade', 'note-bg'];
const pairs: [string, string][] = [
  ...['ink', 'ink2', 'ink3'].flatMap((ink): [string, string][] => grounds.map((ground) => [ink, ground])),
  ...['brass', 'red', 'amber', 'green', 'blue'].flatMap((ink): [string, string][] => ['bg', 'panel', 'raise', 'sel'].map((ground) => [ink, ground])),
  ['brass', 'brass-bg'], ['brass', 'note-bg'], ['green', 'green-bg'], ['on-brass', 'brass'], ['on-red', 'red-fill'], ['bg', 'ink'],
];

describe.each(['light', 'dark'])('%s', (theme) => {
  const tokens = block(`:root[data-theme="${theme}"]`);
  test.each(pairs)('%s on %s is at least 4.5:1', (ink, ground) => {
    const [a, b] = [tokens.get(ink), tokens.get(ground)];
    expect([ink, a, ground, b].every(Boolean)).toBe(true);
    expect(contrast(a ?? '', b ?? '')).toBeGreaterThanOrEqual(4.5);
  });
});
