// The tiles of the calendar in reading order, as the arrow keys and the pointer go through them.
import type { Block, Column, Item } from '../../lib/visits/board';
import type { Placed } from '../../lib/visits/lanes';
import type { MoveTarget } from '../../state/visit-move.svelte';

/** `target`: null for a visit. `placed`: where it stands, by itself or in a list. */
export type Tile = { id: string; column: number; from: number; item: Item; placed: Placed<Block>; target: MoveTarget | null };

const itemsOf = (block: Block): readonly Item[] => (block.kind === 'stack' ? block.visits : [block]);

export const tilesOf = (columns: readonly Column[]): Tile[] =>
  columns.flatMap((column, n) => column.items.flatMap((placed) => itemsOf(placed.item).map((item): Tile => ({
    id: `${column.id} ${item.key}`, column: n, from: item.from, item, placed,
    target: item.kind === 'slot' ? { slot: item.slot, engineer: column.engineer || null } : null,
  }))));
