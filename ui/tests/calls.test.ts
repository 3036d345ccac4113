import { expect, test, vi } from 'vitest';
import { CallsState, isTicked } from '../src/state/calls.svelte';
import { answerOf, callRecord, lineEntry } from './directory';
import { gate, ScriptedHost } from './host';

const experts = lineEntry('a', { checklist: [{ text_zh: '账号', text_en: 'Account' }] });

test('a call under way is there again after a restart, with what was written, and what is being written now is not overwritten', async () => {
  const calls = new CallsState(new ScriptedHost({ calls: () => [callRecord(2, { note: 'half', ticket: 7 }), callRecord(1, { ended_at: 5, outcome: 'busy' })] }));
  await calls.load();
  expect(calls.running.map((one) => [one.call.id, one.written.note, one.toTicket])).toEqual([[2, 'half', true]]);
  expect(calls.log.map((one) => one.id)).toEqual([1]);
  if (calls.running[0]) calls.running[0].written.note = 'half a sentence more';
  await calls.load();
  expect(calls.running[0]?.written.note).toBe('half a sentence more');
});

test('what is written during a call is kept as it is typed, once a pause', async () => {
  vi.useFakeTimers();
  const host = new ScriptedHost({ calls: () => [callRecord(2)], call_put: () => callRecord(2) });
  const calls = new CallsState(host);
  await calls.load();
  const [running] = calls.running;
  if (!running) throw new Error('none');
  for (const note of ['I', 'In', 'Interval']) {
    running.written.note = note;
    running.touched();
  }
  await vi.advanceTimersByTimeAsync(500);
  expect(host.named('call_put')).toEqual([{ id: 2, agent: '', case_number: '', note: 'Interval', ticked: [] }]);
});

test('a call ends with its last words, its outcome and its place on the ticket', async () => {
  const host = new ScriptedHost({ calls: () => [], call_start: () => callRecord(3, { ticket: 7 }), call_put: () => callRecord(3), call_end: () => callRecord(3, { ended_at: 9 }) });
  const calls = new CallsState(host);
  calls.tick('a', 7, { text_zh: '账号', text_en: 'Account' }, true, '账号');
  const running = await calls.start(experts, 7);
  expect(host.named('call_start')).toEqual([{ ticket: 7, line_key: 'a', ticked: ['账号'] }]);
  expect(calls.opened).toBe(3);
  running.written.note = 'agreed';
  running.outcome = 'voicemail';
  expect(await calls.end(running)).toBe(true);
  expect(host.calls.map((one) => one.name)).toEqual(['call_start', 'call_put', 'call_end', 'calls']);
  expect(host.named('call_end')).toEqual([{ id: 3, outcome: 'voicemail', to_ticket: true, marker: running.marker }]);
  expect([calls.running, calls.opened]).toEqual([[], null]);
});

test('a call that cannot be ended is still under way with all that was written, and is ended with the same marker', async () => {
  let fails = true;
  const host = new ScriptedHost({ calls: () => [], call_start: () => callRecord(3), call_put: () => callRecord(3), call_end: () => { if (fails) throw { code: 'disk_full', args: {} }; return callRecord(3, { ended_at: 9 }); } });
  const calls = new CallsState(host);
  const running = await calls.start(experts, null);
  running.written.note = 'words';
  expect(await calls.end(running)).toBe(false);
  expect([running.error?.code, calls.running.length, running.written.note, running.busy]).toEqual(['disk_full', 1, 'words', false]);
  fails = false;
  expect(await calls.end(running)).toBe(true);
  const markers = (host.named('call_end') as { marker: string; to_ticket: boolean }[]).map((one) => [one.marker, one.to_ticket]);
  expect(markers).toEqual([[running.marker, false], [running.marker, false]]);
});

test('an item that was ticked in one language is ticked in the other', () => {
  const item = { text_zh: '账号', text_en: 'Account' };
  expect([isTicked(['Account'], item), isTicked(['账号'], item), isTicked(['另一项'], item), isTicked([''], { text_zh: '', text_en: 'x' })]).toEqual([true, true, false, false]);
  const calls = new CallsState(new ScriptedHost({}));
  calls.tick('a', null, item, true, '账号');
  calls.tick('a', null, item, true, 'Account');
  expect(calls.ticked('a', null)).toEqual(['Account']);
  calls.tick('a', null, item, false, 'Account');
  expect(calls.ticked('a', null)).toEqual([]);
});

test('a later question about lines is not answered by an earlier one', async () => {
  const [slow, fast] = [gate<ReturnType<typeof answerOf>>(), gate<ReturnType<typeof answerOf>>()];
  const calls = new CallsState(new ScriptedHost({ recommend: ({ ticket }) => (ticket === 1 ? slow.promise : fast.promise) }));
  void calls.about(1, 'one');
  void calls.about(2, 'two');
  fast.open(answerOf([lineEntry('b')]));
  await vi.waitFor(() => expect(calls.answer?.recommendations[0]?.entry.key).toBe('b'));
  slow.open(answerOf([lineEntry('a')]));
  await Promise.resolve();
  expect([calls.answer?.recommendations[0]?.entry.key, calls.subject]).toEqual(['b', 'two']);
});

test('a code that cannot be drawn says why, and one that was closed meanwhile stays closed', async () => {
  const drawing = gate<string>();
  const calls = new CallsState(new ScriptedHost({ qr: ({ text }) => (text === 'x' ? drawing.promise : Promise.reject({ code: 'input_invalid', args: {} } as unknown as Error)) }));
  await calls.showCode('Experts', '400-1');
  expect(calls.code?.error?.code).toBe('input_invalid');
  const shown = calls.showCode('Experts', 'x');
  calls.code = null;
  drawing.open('<svg/>');
  await shown;
  expect(calls.code).toBeNull();
});
