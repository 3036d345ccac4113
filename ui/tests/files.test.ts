import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Attachment, FileRef } from '../src/api/generated';
import { fileName } from '../src/lib/file-name';
import { FILE_BYTES_MAX, FILES_MAX, FilesState } from '../src/state/files.svelte';
import { ScriptedHost } from './host';
import WithFiles from './WithFiles.svelte';

afterEach(cleanup);
const settle = async (): Promise<void> => {
  await new Promise((done) => setTimeout(done, 5));
  await tick();
};
const ref = (name: string, sha256 = name): FileRef => ({ sha256, name, mime: 'text/plain', size_bytes: 12 });
const attachment = (more: Partial<Attachment>): Attachment => ({ id: 1, name: '日志.log', mime: 'text/plain', size_bytes: 4096, state: 'remote', done_bytes: 0, code: null, preview: 'none', ...more });
const trayOf = (host: ScriptedHost) => {
  let files: FileRef[] = [];
  const state = new FilesState(host);
  const tray = state.tray({ files: () => files, put: (next) => (files = next) });
  return { state, tray, files: () => files };
};

describe('the tray', () => {
  test('takes the same bytes once, keeps the limit, and says which file did not fit', () => {
    const { tray, files } = trayOf(new ScriptedHost({}));
    tray.add([ref('a'), ref('other name', 'a'), ref('b')]);
    expect(files().map((file) => file.name)).toEqual(['a', 'b']);
    tray.add(Array.from({ length: FILES_MAX }, (_, n) => ref(`f${n}`)));
    expect(files()).toHaveLength(FILES_MAX);
    expect(tray.problems.map((problem) => [problem.name, problem.error.code])).toEqual([['f18', 'input_invalid'], ['f19', 'input_invalid']]);
    tray.remove(ref('a'));
    expect(files().map((file) => file.name)).not.toContain('a');
  });

  test('shows why one of several picked files was refused, and keeps the others', async () => {
    const host = new ScriptedHost({ file_pick: () => ({ files: [ref('gut.txt')], problems: [{ name: 'zu-gross.iso', error: { code: 'file_too_large', args: {} } }] }) });
    render(WithFiles, { host, attachments: [] });
    await fireEvent.click(screen.getByTestId('file-pick'));
    await settle();
    expect(screen.getAllByTestId('file-chip').map((chip) => chip.textContent)).toEqual([expect.stringContaining('gut')]);
    expect(screen.getByTestId('file-problems').textContent).toMatch(/zu-gross\.iso.*50 MB/s);
  });

  test('a pasted screenshot goes in without a name of the browser’s; text is pasted as ever', async () => {
    const host = new ScriptedHost({ file_paste: () => ref('screenshot-20261121-143000.png') });
    render(WithFiles, { host, attachments: [] });
    const shot = new File([new Uint8Array([1, 2, 3])], 'image.png', { type: 'image/png' });
    await paste([shot]);
    await vi.waitFor(() => expect(screen.getAllByTestId('file-chip')).toHaveLength(1));
    expect(host.named('file_paste')).toEqual([{ name: '', mime: 'image/png', base64: 'AQID' }]);
    expect((await paste([])).defaultPrevented).toBe(false);
  });

  test('a pasted file above the limit is refused without being read', async () => {
    const host = new ScriptedHost({});
    render(WithFiles, { host, attachments: [] });
    const large = new File([], 'core.bin');
    Object.defineProperty(large, 'size', { value: FILE_BYTES_MAX + 1 });
    await paste([large]);
    await settle();
    expect(host.calls).toEqual([]);
    expect(screen.getByTestId('file-problems').textContent).toContain('core.bin');
  });

  test('what is dropped goes to whoever came last, and the overlay shows while it hangs over the window', async () => {
    const host = new ScriptedHost({});
    const { state, tray, files } = trayOf(host);
    let dialog: FileRef[] = [];
    const leave = state.takeInto(tray);
    const second = state.tray({ files: () => dialog, put: (next) => (dialog = next) });
    const leaveDialog = state.takeInto(second);
    state.event({ event: 'files_hover', over: true });
    expect(state.hovering).toBe(true);
    state.event({ event: 'files_dropped', files: [ref('x')], problems: [] });
    expect([dialog.length, files().length, state.hovering]).toEqual([1, 0, false]);
    leaveDialog();
    state.event({ event: 'files_dropped', files: [ref('y')], problems: [] });
    expect(files().map((file) => file.name)).toEqual(['y']);
    leave();
    state.event({ event: 'files_hover', over: true });
    expect(state.hovering).toBe(false);
  });
});

async function paste(files: File[]): Promise<Event> {
  const event = new Event('paste', { bubbles: true, cancelable: true });
  Object.defineProperty(event, 'clipboardData', { value: { files } });
  await fireEvent(window, event);
  return event;
}

describe('files of a note', () => {
  test('each state offers what can be done in it', () => {
    const host = new ScriptedHost({});
    render(WithFiles, { host, attachments: [
      attachment({ id: 1 }), attachment({ id: 2, state: 'fetching', done_bytes: 1024 }), attachment({ id: 3, state: 'here', preview: 'text' }),
      attachment({ id: 4, state: 'failed', code: 'file_missing' }), attachment({ id: -65, state: 'sending', done_bytes: 2048 }),
    ] });
    const items = screen.getAllByTestId('attachment');
    const acts = items.map((item) => [...item.querySelectorAll('button')].map((button) => button.dataset['testid']));
    expect(acts).toEqual([['attachment-fetch'], ['attachment-cancel'], ['attachment-view', 'attachment-open', 'attachment-save'], ['attachment-fetch'], []]);
    expect(items[1]?.querySelector('[role=progressbar]')?.getAttribute('aria-valuenow')).toBe('1024');
    expect(items[4]?.textContent).toContain('2 KB');
    for (const button of screen.getAllByRole('button')) expect(button.getAttribute('aria-label') ?? button.textContent).toBeTruthy();
  });

  test('progress that comes as an event is shown at once and goes with the end', async () => {
    const host = new ScriptedHost({});
    render(WithFiles, { host, attachments: [attachment({ id: 2, state: 'fetching' })] });
    host.emit({ event: 'transfer_changed', ticket: 1, attachment: 2, operation: null, done_bytes: 3072, total_bytes: 4096 });
    await tick();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('3072');
    host.emit({ event: 'transfer_changed', ticket: 1, attachment: 2, operation: null, done_bytes: 4096, total_bytes: 4096 });
    await tick();
    expect(screen.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('0');
  });

  test('a program is opened only after the question', async () => {
    const host = new ScriptedHost({ attachment_open: ({ sure }) => ({ opened: sure, warn: sure ? null : 'executable' }) });
    render(WithFiles, { host, attachments: [attachment({ state: 'here', name: 'Rechnung.pdf.exe' })] });
    await fireEvent.click(screen.getByTestId('attachment-open'));
    await settle();
    expect(host.named('attachment_open')).toEqual([{ id: 1, sure: false }]);
    const dialog = screen.getByRole('alertdialog');
    expect(dialog.textContent).toContain('Rechnung.pdf.exe');
    await fireEvent.click([...dialog.querySelectorAll('button')].at(-1) as HTMLButtonElement);
    await settle();
    expect(host.named('attachment_open')).toEqual([{ id: 1, sure: false }, { id: 1, sure: true }]);
  });

  test('an image is shown as data and nothing else', async () => {
    const host = new ScriptedHost({ attachment_preview: () => ({ kind: 'image', mime: 'image/png', base64: 'AQID' }) });
    render(WithFiles, { host, attachments: [attachment({ state: 'here', preview: 'image', name: 'x.png' })] });
    await fireEvent.click(screen.getByTestId('attachment-view'));
    await settle();
    expect(screen.getByTestId('file-image').getAttribute('src')).toBe('data:image/png;base64,AQID');
  });

  test('a text is text, whatever is in it', async () => {
    const host = new ScriptedHost({ attachment_preview: () => ({ kind: 'text', text: '<img src=x onerror=alert(1)>', truncated: true }) });
    render(WithFiles, { host, attachments: [attachment({ state: 'here', preview: 'text' })] });
    await fireEvent.click(screen.getByTestId('attachment-view'));
    await settle();
    expect(screen.getByTestId('file-text').innerHTML).toBe('&lt;img src=x onerror=alert(1)&gt;');
  });
});

describe('a name in a narrow place', () => {
  test.each([
    ['report.pdf', 'report', '.pdf'],
    ['Rechnung.pdf.exe', 'Rechnung', '.pdf.exe'],
    ['archive.tar.gz', 'archive', '.tar.gz'],
    ['no ending at all', 'no endin', 'g at all'],
    ['名字很长的日志文件.log', '名字很长的日志文件', '.log'],
    ['sentence. with dots. txt', 'sentence. with dots', '. txt'],
  ])('%s keeps its endings', (name, stem, ending) => {
    expect(fileName(name)).toEqual({ stem, ending });
    expect(fileName(name).stem + fileName(name).ending).toBe(name);
  });
});
