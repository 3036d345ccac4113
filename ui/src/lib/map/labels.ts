// Which names a map can show without one lying on another.
import type { Box, Point, Size } from './view';

/** `bold`: written wider. */
export type Named<K> = { key: K; at: Point; text: string; radius: number; bold?: boolean };
export type Label<K> = { key: K; x: number; y: number; anchor: 'start' | 'end' | 'middle'; text: string };

const GAP = 5;
const HEIGHT = 14;
/** Width of a character in pixels at the size of the labels: those of Chinese are square. */
const WIDE = 12.5;
const NARROW = 7.2;
const BOLD = 1.08;

export const textWidth = (text: string): number => [...text].reduce((sum, char) => sum + (/[\u2e80-\uffdf]/.test(char) ? WIDE : NARROW), 0);

/** What a text takes up, centred on a point. */
export const textBox = ({ x, y }: Point, text: string): Box => ({ left: x - textWidth(text) / 2 - 2, right: x + textWidth(text) / 2 + 2, top: y - HEIGHT / 2 - 1, bottom: y + HEIGHT / 2 + 1 });

const apart = (a: Box, b: Box): boolean => a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top;
const around = ({ x, y }: Point, r: number): Box => ({ left: x - r, right: x + r, top: y - r, bottom: y + r });

/** In the order given: who comes first is named first. The first one is named in any case. `kept`: free for something else. */
export function placeLabels<K>(points: readonly Named<K>[], size: Size, kept: readonly Box[] = []): Label<K>[] {
  const taken: Box[] = [...kept];
  const dots = points.map((one) => ({ key: one.key, box: around(one.at, one.radius) }));
  const placed: Label<K>[] = [];
  for (const [n, { key, at, text, radius, bold }] of points.entries()) {
    if (at.x < 0 || at.y < 0 || at.x > size.width || at.y > size.height) continue;
    const width = textWidth(text) * (bold ? BOLD : 1);
    const side = radius + GAP;
    const sides: { label: Label<K>; box: Box }[] = [
      { label: { key, text, anchor: 'start', x: at.x + side, y: at.y }, box: { left: at.x + side, right: at.x + side + width, top: at.y - HEIGHT / 2, bottom: at.y + HEIGHT / 2 } },
      { label: { key, text, anchor: 'end', x: at.x - side, y: at.y }, box: { left: at.x - side - width, right: at.x - side, top: at.y - HEIGHT / 2, bottom: at.y + HEIGHT / 2 } },
      { label: { key, text, anchor: 'middle', x: at.x, y: at.y - side - HEIGHT / 2 + 2 }, box: { left: at.x - width / 2, right: at.x + width / 2, top: at.y - side - HEIGHT + 2, bottom: at.y - side + 2 } },
      { label: { key, text, anchor: 'middle', x: at.x, y: at.y + side + HEIGHT / 2 - 2 }, box: { left: at.x - width / 2, right: at.x + width / 2, top: at.y + side - 2, bottom: at.y + side + HEIGHT - 2 } },
    ];
    const inside = (box: Box): boolean => box.left >= 2 && box.top >= 2 && box.right <= size.width - 2 && box.bottom <= size.height - 2;
    const free = (box: Box): boolean => inside(box) && taken.every((other) => apart(other, box)) && dots.every((dot) => dot.key === key || apart(dot.box, box));
    const found = sides.find(({ box }) => free(box)) ?? (n === 0 ? (sides.find(({ box }) => inside(box)) ?? sides[0]) : undefined);
    if (!found) continue;
    taken.push(found.box);
    placed.push(found.label);
  }
  return placed;
}
