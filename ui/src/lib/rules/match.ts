// Which policies can be reached: the first that matches wins.
import type { PolicyDraft } from './draft';

const covers = <T>(wide: readonly T[], narrow: readonly T[]): boolean => wide.length === 0 || (narrow.length > 0 && narrow.every((one) => wide.includes(one)));

/** True when every ticket of `narrow` is one of `wide` too. */
export function matchesAllOf(wide: PolicyDraft, narrow: PolicyDraft): boolean {
  return (wide.vip === null || wide.vip === narrow.vip) && covers(wide.priorities, narrow.priorities) && covers(wide.accounts, narrow.accounts) && covers(wide.customers, narrow.customers) && covers(wide.products, narrow.products) && covers(wide.tags, narrow.tags);
}

/** The earlier policy that takes every ticket of this one; -1 for none. */
export function shadowedBy(policies: readonly PolicyDraft[], at: number): number {
  const policy = policies[at];
  return policy ? policies.findIndex((earlier, n) => n < at && matchesAllOf(earlier, policy)) : -1;
}

/** True when some ticket can match no policy, as far as that can be told from one policy or from the two halves VIP and not. */
export function leavesGaps(policies: readonly PolicyDraft[]): boolean {
  const open = (vip: boolean): boolean => policies.some((one) => (one.vip === null || one.vip === vip) && [one.priorities, one.accounts, one.customers, one.products, one.tags].every((list) => list.length === 0));
  return !open(true) || !open(false);
}

/** `list` with the entry at `from` moved to `to`, both within it. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const rest = [...list];
  const [one] = rest.splice(from, 1);
  if (one !== undefined) rest.splice(to, 0, one);
  return rest;
}
