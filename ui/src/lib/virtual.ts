// Which rows of a long list are on screen. Rows have one fixed height; the scroller's own height is capped, because
// WebKitGTK clamps an element at 33,554,428 px: past that, one scrolled pixel stands for more than one pixel of rows.

export const ELEMENT_HEIGHT_PX_MAX = 33_554_428;
const OVERSCAN_ROWS = 6;
/** Row transforms are relative to a block start, so that they stay far below what a 32-bit float holds exactly. */
const BLOCK_ROWS = 4096;

export type VirtualInput = { total: number; rowHeight: number; viewport: number; scrollTop: number };
export type VirtualWindow = {
  /** Height of the scrolled element, px. */
  height: number;
  /** First and one past the last row to draw. */
  first: number;
  end: number;
  /** Where row `base` sits relative to the top of the viewport, px; row i is at `offset + (i - base) * rowHeight`. */
  base: number;
  offset: number;
};

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high);

export const contentHeight = (total: number, rowHeight: number): number => Math.min(total * rowHeight, ELEMENT_HEIGHT_PX_MAX);

/** Rows' pixels for one scrolled pixel: 1 until the cap is reached. */
export function ratio({ total, rowHeight, viewport }: Omit<VirtualInput, 'scrollTop'>): number {
  const reach = contentHeight(total, rowHeight) - viewport;
  return reach <= 0 ? 1 : (total * rowHeight - viewport) / reach;
}

export function virtualWindow(input: VirtualInput): VirtualWindow {
  const { total, rowHeight, viewport } = input;
  const height = contentHeight(total, rowHeight);
  const scrollTop = clamp(input.scrollTop, 0, Math.max(0, height - viewport));
  const top = scrollTop * ratio(input);
  const first = clamp(Math.floor(top / rowHeight) - OVERSCAN_ROWS, 0, Math.max(0, total - 1));
  const end = clamp(Math.ceil((top + viewport) / rowHeight) + OVERSCAN_ROWS, 0, total);
  const base = Math.floor(first / BLOCK_ROWS) * BLOCK_ROWS;
  return { height, first, end, base, offset: base * rowHeight - top };
}

/** The scrollTop at which `row` is fully in view, moving as little as possible. */
export function scrollToShow(input: VirtualInput, row: number): number {
  const { rowHeight, viewport, scrollTop } = input;
  const scale = ratio(input);
  const top = scrollTop * scale;
  const rowTop = row * rowHeight;
  if (rowTop < top) return rowTop / scale;
  if (rowTop + rowHeight > top + viewport) return (rowTop + rowHeight - viewport) / scale;
  return scrollTop;
}

/** A stable place for each row in a ring of elements: scrolling by one row rewrites one element. */
export function ring(first: number, end: number, size: number): (number | null)[] {
  const slots: (number | null)[] = Array.from({ length: size }, () => null);
  for (let row = first; row < end; row += 1) slots[row % size] = row;
  return slots;
}

export const ringSize = (viewport: number, rowHeight: number): number => Math.ceil(viewport / rowHeight) + 1 + 2 * OVERSCAN_ROWS;
