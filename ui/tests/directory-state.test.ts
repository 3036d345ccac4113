import { describe, expect, test, vi } from 'vitest';
import { DirectoryState } from '../src/state/directory.svelte';
import { centreEntry, directoryOf, lineEntry } from './directory';
import { gate, ScriptedHost } from './host';

const experts = lineEntry('1:experts', { number: '400-6455-577' });

function state(answers: ConstructorParameters<typeof ScriptedHost>[0] = {}, view = directoryOf([experts])): { host: ScriptedHost; directory: DirectoryState } {
  const host = new ScriptedHost({ directory: () => view, directory_draft: () => null, directory_draft_put: () => null, line_check: () => [], ...answers });
  return { host, directory: new DirectoryState(host) };
}

describe('an entry being edited', () => {
  test('with letters in its number is explained and not sent, and nothing of it is lost', async () => {
    const { host, directory } = state({ line_check: ({ line }) => (/[a-z]/i.test(line.number) ? [{ field: 'number', code: 'phone_number_invalid', args: { number: line.number } }] : []) });
    await directory.load();
    directory.editLine(experts, '2026-11-21');
    const editor = directory.lineEditor;
    if (!editor) throw new Error('no editor');
    expect(editor.at('number')).toEqual([]);
    editor.draft.number = '400-CALL-ME';
    expect(await directory.keepLine()).toBeNull();
    expect(editor.at('number').map((one) => one.key)).toEqual(['error-phone-number-invalid.what']);
    expect(host.named('line_put')).toEqual([]);
    directory.leaveLine();
    expect(directory.lineEditor).toBeNull();
    directory.editLine(experts, '2026-11-21');
    expect(directory.lineEditor?.draft.number).toBe('400-CALL-ME');
  });

  test('is kept with its key, and the directory is read again', async () => {
    const { host, directory } = state({ line_put: ({ line }) => lineEntry('1:experts', line, { origin: 'changed' }) });
    await directory.load();
    directory.editLine(experts, '2026-11-21');
    if (directory.lineEditor) directory.lineEditor.draft.number = ' 400-2 ';
    expect((await directory.keepLine())?.origin).toBe('changed');
    expect(host.named('line_put')).toMatchObject([{ key: '1:experts', line: { number: '400-2', hours: '7x24', calendar: null } }]);
    expect([directory.lineEditor, directory.line, host.named('directory').length]).toEqual([null, '1:experts', 2]);
  });

  test('that the core cannot keep stays open with the reason', async () => {
    const { directory } = state({ line_put: () => { throw { code: 'disk_full', args: {} }; } });
    await directory.load();
    directory.editLine(experts, '2026-11-21');
    if (directory.lineEditor) directory.lineEditor.draft.vendor = 'typed';
    expect(await directory.keepLine()).toBeNull();
    expect([directory.lineEditor?.error?.code, directory.lineEditor?.draft.vendor, directory.lineEditor?.busy]).toEqual(['disk_full', 'typed', false]);
  });

  test('leaves no draft behind once it is kept, nor is it kept twice', async () => {
    let kept: string | null = JSON.stringify({ version: 1, lines: {}, centres: {} });
    const put = gate<null>();
    const { host, directory } = state({
      directory_draft: () => kept, directory_draft_put: async ({ draft }) => { await put.promise; kept = draft; return null; }, line_put: ({ line }) => lineEntry('1:experts', line, { origin: 'changed' }),
    });
    await directory.load();
    directory.editLine(experts, '2026-11-21');
    if (directory.lineEditor) directory.lineEditor.draft.number = '400-2';
    const first = directory.keepLine();
    await vi.waitFor(() => expect(host.named('directory_draft_put')).toEqual([{ draft: null }]));
    expect([directory.lineEditor?.busy, await directory.keepLine()]).toEqual([true, null]);
    put.open(null);
    await first;
    expect([directory.lineEditor, kept, host.named('line_put').length]).toEqual([null, null, 1]);
  });

  test('goes to the core half typed, and comes back in another run of the window', async () => {
    vi.useFakeTimers();
    let kept: string | null = null;
    const keeps = { directory_draft: () => kept, directory_draft_put: ({ draft }: { draft: string | null }) => { kept = draft; return null; } };
    const { directory } = state(keeps);
    await directory.load();
    directory.editLine(experts, '2026-11-21');
    if (directory.lineEditor) directory.lineEditor.draft.number = '4OO';
    directory.touched();
    await vi.advanceTimersByTimeAsync(500);
    expect(kept).toContain('4OO');
    const { directory: next } = state(keeps);
    await next.load();
    expect([...next.lineDrafts.keys()]).toEqual(['1:experts']);
    next.editLine(experts, '2026-11-21');
    expect([next.lineEditor?.draft.number, next.lineEditor?.dirty, next.lineEditor?.key]).toEqual(['4OO', true, '1:experts']);
    next.discardLine();
    await vi.advanceTimersByTimeAsync(500);
    expect(kept).toBeNull();
  });

  test.each(['{', '{"version":1}', '{"version":9,"lines":{},"centres":{}}', '{"version":1,"lines":{"1:experts":{}},"centres":{}}'])('a kept draft of another shape is left out: %s', async (text) => {
    const { directory } = state({ directory_draft: () => text });
    await directory.load();
    expect([directory.lineDrafts.size, directory.error, directory.view?.lines.length]).toEqual([0, null, 1]);
  });
});

describe('an entry taken away', () => {
  test('comes back: an own one is made again, a provider’s is shown again', async () => {
    const own = lineEntry('own:1', { number: '1', name_en: 'Ours' }, { origin: 'own', account: null });
    const { host, directory } = state({ entry_remove: () => null, entry_restore: () => null, line_put: ({ line }) => lineEntry('own:2', line) }, directoryOf([experts, own]));
    await directory.load();
    await (await directory.remove('line', 'own:1'))();
    await (await directory.remove('line', '1:experts'))();
    expect(host.named('entry_remove')).toEqual([{ kind: 'line', key: 'own:1' }, { kind: 'line', key: '1:experts' }]);
    expect(host.named('line_put')).toMatchObject([{ key: null, line: { name_en: 'Ours' } }]);
    expect(host.named('entry_restore')).toEqual([{ kind: 'line', key: '1:experts' }]);
  });
});

describe('centres', () => {
  const all = [
    centreEntry({ city_zh: '杭州', city_en: 'Hangzhou', latitude: 30.29, longitude: 120.16, services: ['security_hardening'] }, { pinyin: 'hangzhou', initials: 'hz' }),
    centreEntry({ city_zh: '广州', city_en: 'Guangzhou', latitude: 23.12, longitude: 113.25 }, { pinyin: 'guangzhou', initials: 'gz', opening: 'closed' }),
    centreEntry({ city_zh: '宁波', city_en: 'Ningbo', latitude: 29.88, longitude: 121.55 }, { pinyin: 'ningbo', initials: 'nb' }),
  ];
  const cities = (directory: DirectoryState): string[] => directory.centres.map((one) => one.entry.centre.city_en);

  test('are narrowed by city, service and opening, and nearest first from a site', async () => {
    const { directory } = state({}, directoryOf([], all));
    await directory.load();
    expect(cities(directory)).toEqual(['Guangzhou', 'Hangzhou', 'Ningbo']);
    for (const query of ['hz', 'hangzhou', '杭州']) {
      directory.query = query;
      expect(cities(directory)).toEqual(['Hangzhou']);
    }
    directory.query = '';
    directory.services = ['hardware_inspection'];
    expect(cities(directory)).toEqual(['Guangzhou', 'Ningbo']);
    directory.openNow = true;
    expect(cities(directory)).toEqual(['Ningbo']);
    directory.clearFilter();
    directory.site = { name_zh: '上海', name_en: 'Shanghai', of: 'city', place: { latitude: 31.22, longitude: 121.46 } };
    expect(cities(directory)).toEqual(['Ningbo', 'Hangzhou', 'Guangzhou']);
    expect(Math.round(directory.centres[0]?.km ?? 0)).toBe(149);
  });
});

describe('an import', () => {
  const plan = { token: 't', kind: 'line' as const, file_name: 'a.csv', added: 1, changed: 0, same: 0, refused: 0, rows: [] };

  test('changes nothing before it is confirmed, and stays when it cannot be taken', async () => {
    const applying = gate<number>();
    const { host, directory } = state({ directory_import_pick: () => plan, directory_import_apply: () => applying.promise });
    await directory.import.pick('line');
    expect([directory.import.open, host.named('directory_import_apply').length]).toEqual([true, 0]);
    const applied = directory.import.apply();
    expect(directory.import.busy).toBe(true);
    applying.fail({ code: 'disk_full', args: {} });
    expect(await applied).toBeNull();
    expect([directory.import.plan?.token, directory.import.error?.code, directory.import.busy]).toEqual(['t', 'disk_full', false]);
  });

  test('of a file that cannot be read says why; no file chosen says nothing', async () => {
    const { directory } = state({ directory_import_pick: ({ kind }) => { if (kind === 'line') throw { code: 'file_unreadable', args: {} }; return null; } });
    await directory.import.pick('line');
    expect([directory.import.open, directory.import.error?.code]).toEqual([true, 'file_unreadable']);
    directory.import.close();
    await directory.import.pick('centre');
    expect(directory.import.open).toBe(false);
  });
});
