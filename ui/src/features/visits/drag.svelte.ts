// Dragging a visit with the pointer to a slot. Letting go beside every slot leaves the visit picked up, to be put down by a click.
import { nearest } from '../../lib/visits/move';
import type { Span } from '../../lib/visits/lanes';
import type { Desk } from '../../state/desk.svelte';
import type { Tile } from './tiles';

/** A click that trembles is a click. */
const BEGIN_PX = 5;
/** A slot takes what is let go so far from its beginning, in minutes. */
const CATCH_MINUTES = 75;
const EDGE_PX = 36;
const SCROLL_PX = 14;

type Look = { grid: HTMLElement | undefined; tiles: readonly Tile[]; hours: Span; hourPx: number };
type Grabbed = { tile: Tile; x: number; y: number; offset: number; begun: boolean };

export class TileDrag {
  ghost = $state.raw<{ x: number; y: number } | null>(null);
  /** The click that ends a drag is none; any later one, or Enter on a tile, is. */
  dragged = false;
  #grabbed: Grabbed | null = null;
  readonly #desk: Desk;
  readonly #look: () => Look;

  constructor(desk: Desk, look: () => Look) {
    this.#desk = desk;
    this.#look = look;
  }

  grab(event: PointerEvent, tile: Tile): void {
    this.dragged = false;
    if (event.button !== 0 || tile.item.kind !== 'visit') return;
    const top = event.target instanceof HTMLElement ? (event.target.closest('[data-tile]')?.getBoundingClientRect().top ?? event.clientY) : event.clientY;
    this.#grabbed = { tile, x: event.clientX, y: event.clientY, offset: event.clientY - top, begun: false };
    const end = new AbortController();
    const on = <K extends 'pointermove' | 'pointerup' | 'pointercancel' | 'keydown'>(name: K, heard: (event: WindowEventMap[K]) => void): void => window.addEventListener(name, heard, { signal: end.signal, capture: true });
    const over = (): void => {
      end.abort();
      this.#desk.visits.move.dragging = false;
      this.#grabbed = null;
      this.ghost = null;
      // Where the drag ended elsewhere, no click comes.
      setTimeout(() => (this.dragged = false));
    };
    on('pointermove', (moved) => this.#moved(moved));
    on('pointerup', () => {
      this.#dropped();
      over();
    });
    on('pointercancel', over);
    on('keydown', (pressed) => {
      if (pressed.key !== 'Escape' || !this.ghost) return;
      pressed.preventDefault();
      pressed.stopPropagation();
      this.#desk.visits.move.stop();
      over();
    });
  }

  #moved(event: PointerEvent): void {
    const grabbed = this.#grabbed;
    if (!grabbed) return;
    if (!grabbed.begun) {
      if (Math.hypot(event.clientX - grabbed.x, event.clientY - grabbed.y) < BEGIN_PX) return;
      grabbed.begun = true;
      this.dragged = true;
      this.#desk.visits.move.dragging = true;
      const { item } = grabbed.tile;
      if (item.kind === 'visit') void this.#desk.attempt(() => this.#desk.visits.pickUp(item.view));
    }
    event.preventDefault();
    const { move } = this.#desk.visits;
    if (!move.view) return;
    this.ghost = { x: event.clientX, y: event.clientY };
    this.#scroll(event.clientY);
    move.at = this.#at(event, grabbed.offset)?.target ?? null;
  }

  #at(event: PointerEvent, offset: number): Tile | null {
    const { grid, tiles, hours, hourPx } = this.#look();
    for (const node of grid?.querySelectorAll<HTMLElement>('[data-column]') ?? []) {
      const box = node.getBoundingClientRect();
      if (event.clientX < box.left || event.clientX >= box.right) continue;
      const minute = hours.from + ((event.clientY - offset - box.top) / hourPx) * 60;
      const found = nearest(tiles.filter((tile) => tile.target !== null), Number(node.dataset['column']), minute);
      return found && Math.abs(found.from - minute) <= CATCH_MINUTES ? found : null;
    }
    return null;
  }

  #scroll(y: number): void {
    const { grid } = this.#look();
    const box = grid?.getBoundingClientRect();
    if (!grid || !box) return;
    if (y > box.bottom - EDGE_PX) grid.scrollTop += SCROLL_PX;
    else if (y < box.top + EDGE_PX * 2) grid.scrollTop -= SCROLL_PX;
  }

  #dropped(): void {
    const { move } = this.#desk.visits;
    if (this.#grabbed?.begun && move.view && move.at) move.drop(move.at);
  }
}
