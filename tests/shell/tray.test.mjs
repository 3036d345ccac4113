// Closed to the tray the page is gone and the bell still rings; without a tray, closing is quitting and says so.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { BINARY } from './lib/deskbell.mjs';
import { Desktop } from './lib/desktop.mjs';
import { start, stop, until } from './lib/processes.mjs';

/** Starts the program without WebDriver, as a person does. */
async function launched(options, body) {
  const desktop = await Desktop.open(options);
  const env = { ...desktop.env, DESKBELL_DATA_DIR: path.join(desktop.folder, 'desk'), DESKBELL_LOG: 'info' };
  const program = start(BINARY, [], { env, log: path.join(desktop.out, 'deskbell.log') });
  try {
    await body(desktop, program, env);
  } catch (error) {
    await desktop.picture('failed.png').catch(() => undefined);
    throw error;
  } finally {
    await stop(program);
    await desktop.close();
  }
}

const windows = async (desktop) => (await desktop.run('bash', ['-c', 'xdotool search --onlyvisible --name "^Deskbell" || true'])).trim().split('\n').filter(Boolean);

/** Web processes among a program's descendants. */
function webProcesses(program) {
  const parents = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      parents.set(Number(name), Number(readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')[1]));
    } catch {
      // Ended meanwhile.
    }
  }
  const mine = (pid) => pid > 1 && (pid === program.pid || mine(parents.get(pid) ?? 0));
  return [...parents.keys()].filter((pid) => {
    try {
      return mine(pid) && readlinkSync(`/proc/${pid}/exe`).includes('WebKitWebProcess');
    } catch {
      return false;
    }
  });
}

test('closed to the tray the web page ends, and the tray brings it back', { timeout: 120_000 }, async () => {
  await launched({ name: 'tray', service: 'double', tray: true }, async (desktop, program) => {
    await until('the tray icon', () => desktop.trayRegistered);
    const [id] = await until('the window', async () => { const found = await windows(desktop); return found.length > 0 && found; });
    await desktop.run('wmctrl', ['-i', '-c', id]);
    await until('the window to go', async () => (await windows(desktop)).length === 0);
    await until('the web process to end', () => webProcesses(program).length === 0);
    assert.equal(program.exitCode, null, 'the program still runs');
    const open = (await desktop.trayMenu()).find(([, label]) => /打开|Open/.test(label));
    desktop.order({ click: open[0] });
    await until('the window again', async () => (await windows(desktop)).length === 1);
    await until('its content', async () => (await desktop.colours()) > 60);
    const quit = (await desktop.trayMenu()).find(([, label]) => /退出|Quit/.test(label));
    desktop.order({ click: quit[0] });
    await until('the end', () => program.exitCode !== null);
    assert.equal(program.exitCode, 0);
  });
});

test('without a tray, closing the window quits and says that nothing will ring', { timeout: 120_000 }, async () => {
  await launched({ name: 'no-tray', service: 'double' }, async (desktop, program) => {
    const [id] = await until('the window', async () => { const found = await windows(desktop); return found.length > 0 && found; });
    await desktop.run('wmctrl', ['-i', '-c', id]);
    await until('the end', () => program.exitCode !== null);
    assert.equal(program.exitCode, 0);
    assert.equal(desktop.notifications.length, 1);
    assert.match(desktop.notifications[0].body, /托盘|tray/);
  });
});

test('a second start brings the first window forward instead of opening another', { timeout: 120_000 }, async () => {
  await launched({ name: 'second', service: 'double', tray: true }, async (desktop, program, env) => {
    await until('the window', async () => (await windows(desktop)).length === 1);
    const second = start(BINARY, ['deskbell://ticket/1'], { env, log: path.join(desktop.out, 'second.log') });
    await until('the second program to end', () => second.exitCode !== null);
    assert.equal(second.exitCode, 0);
    assert.equal(program.exitCode, null);
    assert.equal((await windows(desktop)).length, 1);
  });
});

test('the safe graphics flag starts a window that paints', { timeout: 120_000 }, async () => {
  const desktop = await Desktop.open({ name: 'safe-graphics', service: 'double' });
  const env = { ...desktop.env, DESKBELL_DATA_DIR: path.join(desktop.folder, 'desk'), DESKBELL_TRACE_STARTUP: '1' };
  let painted = false;
  const program = start(BINARY, ['--safe-graphics'], { env, log: path.join(desktop.out, 'deskbell.log'), onLine: (line) => { painted ||= line.startsWith('first-paint-ms='); } });
  try {
    await until('the first paint', () => painted);
    const seen = readFileSync(`/proc/${program.pid}/environ`, 'utf8').split('\0');
    assert.ok(seen.includes('WEBKIT_DISABLE_DMABUF_RENDERER=1') && seen.includes('WEBKIT_DISABLE_COMPOSITING_MODE=1'));
    await until('its content', async () => (await desktop.colours()) > 60);
  } finally {
    await stop(program);
    await desktop.close();
  }
});
