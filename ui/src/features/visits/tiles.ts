// The tiles of the calendar in reading order, as the arrow keys and the pointer go through them.
import type { Column, Item } from '../../lib/visits/board';
import type { Placed } from '../../lib/visits/lanes';
import type { MoveTarget } from '../../state/visit-move.svelte';

/** `target`: null for a visit. */
export type Tile = { id: string; column: number; from: number; item: Item; placed: Placed<Item>; target: MoveTarget | null };

export const tilesOf = (columns: readonly Column[]): Tile[] =>
  columns.flatMap((column, n) => column.items.map((placed): Tile => ({
    id: `${column.id} ${placed.item.key}`, column: n, from: placed.item.from, item: placed.item, placed,
    target: placed.item.kind === 'slot' ? { slot: placed.item.slot, engineer: column.engineer || null } : null,
  })));
