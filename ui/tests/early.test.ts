// What the first script keeps for the desk: answers to its questions, and events that came before it listened.
import { beforeEach, expect, test, vi } from 'vitest';
import type { DeskEvent } from '../src/api/generated';

const tauri = vi.hoisted(() => ({ listener: (_event: { payload: unknown }): void => undefined, asked: [] as string[], answer: (_name: string): unknown => undefined }));
vi.mock('@tauri-apps/api/core', () => ({
  invoke: async (command: string, args?: { name: string }) => {
    tauri.asked.push(args ? args.name : command);
    return tauri.answer(args?.name ?? command);
  },
}));
vi.mock('@tauri-apps/api/event', () => ({
  listen: async (_channel: string, listener: (event: { payload: unknown }) => void) => {
    tauri.listener = listener;
    return () => undefined;
  },
}));

beforeEach(() => {
  vi.resetModules();
  tauri.asked = [];
  tauri.answer = (name) => ({ of: name });
});

const opened = (id: number): DeskEvent => ({ event: 'open_ticket', id });

test('an early answer is used once, and the next question is asked anew', async () => {
  const { ask } = await import('../src/host/early');
  const { TauriHost } = await import('../src/host/tauri');
  ask();
  const host = new TauriHost();
  expect(await host.call('watch', {})).toEqual({ of: 'watch' });
  expect(tauri.asked).toEqual(['app_state', 'watch']);
  await host.call('watch', {});
  expect(tauri.asked).toEqual(['app_state', 'watch', 'watch']);
});

test('an early answer that nobody took is not used later, and a failed one fails its taker', async () => {
  const { ask } = await import('../src/host/early');
  const { TauriHost } = await import('../src/host/tauri');
  tauri.answer = (name) => {
    if (name === 'app_state') throw { code: 'vault_locked', args: {} };
    return {};
  };
  ask();
  const host = new TauriHost();
  await expect(host.call('app_state', {})).rejects.toEqual({ code: 'vault_locked', args: {} });
  host.listens();
  tauri.answer = (name) => ({ again: name });
  expect(await host.call('watch', {})).toEqual({ again: 'watch' });
});

test('events before the desk listens reach it in their order, later ones at once', async () => {
  const { ask, take } = await import('../src/host/early');
  ask();
  tauri.listener({ payload: opened(1) });
  tauri.listener({ payload: opened(2) });
  const heard: DeskEvent[] = [];
  take((event) => heard.push(event));
  tauri.listener({ payload: opened(3) });
  expect(heard).toEqual([opened(1), opened(2), opened(3)]);
});

test('past the limit the oldest goes, and the desk is told to look at everything', async () => {
  const { ask, take } = await import('../src/host/early');
  ask();
  for (let id = 0; id < 201; id += 1) tauri.listener({ payload: opened(id) });
  const heard: DeskEvent[] = [];
  take((event) => heard.push(event));
  expect(heard.length).toBe(201);
  expect(heard[0]).toEqual(opened(1));
  expect(heard.at(-1)).toEqual({ event: 'tickets_changed', ids: [], many: true });
});
