import { expect, test } from 'vitest';
import type { SyncStatus } from '../src/api/generated';
import type { Host } from '../src/host/host';
import { SyncState } from '../src/state/sync.svelte';
import { accountState } from './tickets';

const status = (last_synced_at: number | null): SyncStatus => ({ online: true, work_offline: false, accounts: [], waiting: 0, rejected: 0, last_synced_at });

test('an answer that was overtaken by news does not replace it', async () => {
  let answer: (status: SyncStatus) => void = () => {};
  const host = { call: () => new Promise((resolve) => (answer = resolve)) } as unknown as Host;
  const sync = new SyncState(host);
  const loading = sync.load();
  sync.tell(status(2));
  answer(status(null));
  await loading;
  expect(sync.status?.last_synced_at).toBe(2);
});

test('the first try of a new account is a try, not a missing network', () => {
  const sync = new SyncState({} as Host);
  const entry = accountState(1);
  sync.tell({ ...status(null), online: false, accounts: [{ ...entry, account: { ...entry.account, last_synced_at: null }, state: 'syncing' }] });
  expect([sync.kind, sync.firstPulls.length]).toEqual(['syncing', 1]);
  sync.tell({ ...status(null), online: false, accounts: [{ ...entry, state: 'waiting' }] });
  expect(sync.kind).toBe('offline');
  sync.tell({ ...status(1), accounts: [{ ...entry, state: 'paused', paused: true }] });
  expect(sync.kind).toBe('paused');
});
