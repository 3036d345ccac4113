import { describe, expect, test } from 'vitest';
import { contentHeight, ELEMENT_HEIGHT_PX_MAX, ratio, ring, ringSize, scrollToShow, virtualWindow } from '../src/lib/virtual';

const rowHeight = 54;
const viewport = 700;
const at = (total: number, scrollTop: number) => virtualWindow({ total, rowHeight, viewport, scrollTop });
/** Rows fully or partly inside the viewport, from the positions that would be drawn. */
function visible(total: number, scrollTop: number): number[] {
  const shown = at(total, scrollTop);
  const rows: number[] = [];
  for (let row = shown.first; row < shown.end; row += 1) {
    const top = shown.offset + (row - shown.base) * rowHeight;
    if (top > -rowHeight && top < viewport) rows.push(row);
  }
  return rows;
}

describe('a list below the cap', () => {
  test('scrolls pixel for pixel', () => {
    expect(ratio({ total: 1000, rowHeight, viewport })).toBe(1);
    expect(at(1000, 5400)).toMatchObject({ height: 54_000, base: 0, offset: -5400 });
    expect(visible(1000, 5400)[0]).toBe(100);
  });

  test('shorter than the viewport shows every row', () => {
    expect(at(3, 0)).toMatchObject({ first: 0, end: 3, height: 162, offset: 0 });
  });

  test('empty shows none', () => {
    expect(at(0, 0)).toMatchObject({ first: 0, end: 0, height: 0 });
  });
});

describe('one million rows', () => {
  const total = 1_000_000;
  const bottom = ELEMENT_HEIGHT_PX_MAX - viewport;

  test('never grow the element past what WebKitGTK keeps', () => {
    expect(total * rowHeight).toBeGreaterThan(ELEMENT_HEIGHT_PX_MAX);
    expect(contentHeight(total, rowHeight)).toBe(ELEMENT_HEIGHT_PX_MAX);
  });

  test('reach the first and the very last row', () => {
    expect(visible(total, 0)[0]).toBe(0);
    expect(visible(total, bottom).at(-1)).toBe(total - 1);
    const end = at(total, bottom);
    expect(end.offset + (total - end.base) * rowHeight).toBeCloseTo(viewport, 3);
  });

  test('cover the viewport without a gap at any place', () => {
    for (let i = 0; i <= 400; i += 1) {
      const scrollTop = (bottom * i) / 400;
      const shown = at(total, scrollTop);
      expect(shown.offset + (shown.first - shown.base) * rowHeight).toBeLessThanOrEqual(0);
      expect(shown.offset + (shown.end - shown.base) * rowHeight).toBeGreaterThanOrEqual(viewport - 0.001);
      expect(Math.abs(shown.offset)).toBeLessThan(4096 * rowHeight + viewport);
    }
  });

  test('every row can be brought into view, from above and from below', () => {
    for (const row of [0, 1, 12_345, 499_999, 999_998, 999_999]) {
      for (const scrollTop of [0, bottom / 2, bottom]) {
        const to = scrollToShow({ total, rowHeight, viewport, scrollTop }, row);
        expect(visible(total, to)).toContain(row);
      }
    }
  });
});

test('scrolling by one row rewrites one place of the ring', () => {
  const size = ringSize(viewport, rowHeight);
  const before = ring(100, 100 + size, size);
  const after = ring(101, 101 + size, size);
  expect(before.filter((row, slot) => row !== after[slot])).toEqual([100]);
  expect(new Set(after).size).toBe(size);
});

test('the ring is large enough for every window', () => {
  const size = ringSize(viewport, rowHeight);
  for (let scrollTop = 0; scrollTop < 20_000; scrollTop += 7) {
    const shown = at(1000, scrollTop);
    expect(shown.end - shown.first).toBeLessThanOrEqual(size);
  }
});

test('a row that is in view already does not move the list', () => {
  expect(scrollToShow({ total: 1000, rowHeight, viewport, scrollTop: 540 }, 12)).toBe(540);
});
