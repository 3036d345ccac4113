// Words that are being typed: stored when the window is left or closes, and shown in the language of the moment.
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { VisitView } from '../src/api/generated';
import { l10n, t } from '../src/lib/l10n.svelte';
import { say } from '../src/lib/say';
import { Autosave, Debounce, storeTyped } from '../src/state/debounce';
import { Toasts } from '../src/state/toasts.svelte';
import { VisitDrafts } from '../src/state/visit-drafts';
import { VisitsState } from '../src/state/visits.svelte';
import { VisitWork } from '../src/state/visit-work.svelte';
import { gate, ScriptedHost } from './host';
import { view as viewOf } from './visits';

afterEach(() => {
  vi.useRealTimers();
  l10n.use('zh-CN');
});

describe('what is typed', () => {
  test('is stored at once when the window goes, and the answer waits for the store', async () => {
    const stored: string[] = [];
    const slow = gate<null>();
    const one = new Autosave(async () => void stored.push('one'), 60_000);
    const two = new Autosave(() => slow.promise.then(() => stored.push('two')), 60_000);
    const untouched = new Autosave(async () => void stored.push('untouched'), 60_000);
    const look = new Debounce(() => void stored.push('only a look'), 60_000);
    one.call();
    two.call();
    look.call();
    let done = false;
    const all = storeTyped().then(() => (done = true));
    await Promise.resolve();
    expect([stored, done]).toEqual([['one'], false]);
    slow.open(null);
    await all;
    expect([stored, one.pending, two.pending, untouched.pending, look.pending]).toEqual([['one', 'two'], false, false, false, true]);
    look.cancel();
  });

  test('and could not be stored holds no window up', async () => {
    const failing = new Autosave(() => Promise.reject(new Error('the disk is full')), 60_000);
    failing.call();
    await expect(storeTyped()).resolves.toBeUndefined();
  });
});

describe('a visit’s report', () => {
  function page(view: VisitView, answers: ConstructorParameters<typeof ScriptedHost>[0] = {}) {
    let kept: string | null = null;
    const host = new ScriptedHost({ visit_draft: () => kept, visit_draft_put: ({ draft }) => void (kept = draft), ...answers } as ConstructorParameters<typeof ScriptedHost>[0]);
    const open = (): VisitWork => new VisitWork(new VisitsState(host), new VisitDrafts(host));
    return { host, open, kept: () => (kept === null ? null : (JSON.parse(kept) as Record<string, Record<string, unknown>>)[`work ${view.key}`] ?? null) };
  }
  const view = viewOf('m1');

  test('keeps a tick and a stroke at once, the rest when the window goes; all of it comes back', async () => {
    const { open, kept } = page(view);
    const work = open();
    await work.show(view);
    if (work.words.checklist[0]) work.words.checklist[0].done = true;
    work.words.drawing = 'M1 1L9 9';
    work.acted();
    await vi.waitFor(() => expect(kept()).toMatchObject({ drawing: 'M1 1L9 9' }));
    work.words.name = '周启明';
    work.words.adding = '检查风道';
    work.words.reason = '客户改期';
    work.touched();
    await storeTyped();
    const again = open();
    await again.show(view);
    expect(again.words).toMatchObject({ drawing: 'M1 1L9 9', name: '周启明', adding: '检查风道', reason: '客户改期' });
    expect(again.words.checklist[0]?.done ?? true).toBe(true);
    expect(again.dirty).toBe(true);
  });

  test('that was sent leaves nothing behind but what was typed meanwhile', async () => {
    const slow = gate<number>();
    const { open, kept } = page(view, { visit_change: () => slow.promise, visits: () => ({ visits: [], as_of: null }) });
    const work = open();
    await work.show(view);
    work.words.findings = '已更换风扇';
    work.touched();
    const sending = work.send(false);
    work.words.findings = '已更换风扇，复测正常';
    work.touched();
    slow.open(7);
    expect(await sending).toBe(7);
    expect(kept()).toMatchObject({ findings: '已更换风扇，复测正常' });
    expect(work.dirty).toBe(true);
    work.words.findings = '已更换风扇';
    work.touched();
    await storeTyped();
    expect(kept()).toBeNull();
  });

  test('half typed beside it does not bring old words back over newer ones of the server', async () => {
    const { open } = page(view);
    const work = open();
    await work.show(view);
    work.words.adding = '检查风道';
    work.touched();
    await storeTyped();
    const newer = structuredClone(view);
    newer.visit.findings = '另一台电脑写的';
    await work.show(newer);
    expect([work.words.findings, work.words.adding]).toEqual(['另一台电脑写的', '检查风道']);
    const again = open();
    await again.show(newer);
    expect([again.words.findings, again.words.adding, again.dirty]).toEqual(['另一台电脑写的', '检查风道', false]);
  });
});

describe('a message on the screen', () => {
  test('speaks the language that is chosen, also when it came in another one', () => {
    vi.useFakeTimers();
    l10n.use('zh-CN');
    const toasts = new Toasts(say);
    toasts.plain(() => t('alerts-acknowledged', { count: 2 }), { label: () => t('undo'), run: () => undefined });
    toasts.error({ code: 'dialer_missing', args: {} });
    const read = (): string[] => toasts.list.flatMap(({ text, next, action }) => [text(), next(), action?.label() ?? '']);
    const before = read();
    expect(before).toContain('撤销');
    l10n.use('en');
    const after = read();
    expect(after).toContain('Undo');
    expect(after.join(' ')).not.toMatch(/\p{Script=Han}/u);
    l10n.use('zh-CN');
    expect(read()).toEqual(before);
  });
});
