import { expect, test } from 'vitest';
import type { SyncStatus } from '../src/api/generated';
import type { Host } from '../src/host/host';
import { SyncState } from '../src/state/sync.svelte';

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
