// Bad surroundings: each gives a named screen that says what to do, never a blank window or a panic.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import test from 'node:test';
import { DESKCTL, withDesk } from './lib/deskbell.mjs';
import { run, until } from './lib/processes.mjs';
import { setUserVersion } from './lib/sqlcipher.mjs';

async function failsWith(desk, code) {
  const state = await desk.rpc('app_state');
  assert.equal(state.phase, 'failed');
  assert.equal(state.failure.code, code);
  await until(`the screen that names ${code}`, async () => (await desk.page.text()).includes(code));
  const text = await desk.page.text();
  assert.ok(text.length > 60 && text.includes(desk.dataDir), `says where and what to do: ${text}`);
  assert.ok(await desk.desktop.colours() > 20, 'the window is not blank');
  assert.equal(desk.logs().includes('panicked'), false);
}

test('a read-only data directory is named', { timeout: 120_000 }, async () => {
  await withDesk({
    name: 'read-only',
    prepare: (desk) => mkdirSync(desk.dataDir, { mode: 0o500 }),
  }, (desk) => failsWith(desk, 'data_directory_read_only'));
});

test('a database of a newer version is named and left alone', { timeout: 180_000 }, async () => {
  await withDesk({ name: 'newer' }, async (desk) => {
    await desk.startDemo();
    await desk.quit();
    const database = path.join(desk.dataDir, 'desk.db');
    // Opening and closing it once more folds the write-ahead log in.
    await run(DESKCTL, ['db', 'stats'], { env: desk.env });
    const key = await desk.desktop.run('secret-tool', ['lookup', 'service', 'deskbell', 'username', `database-key:${desk.dataDir}`]);
    setUserVersion(database, Buffer.from(key.trim(), 'hex'), 9_999);
    const bytes = readFileSync(database);
    await desk.launch();
    await failsWith(desk, 'database_newer');
    await desk.quit();
    assert.ok(bytes.equals(readFileSync(database)), 'not a byte was changed');
  });
});

test('without a keyring a passphrase vault is made, asked for after a restart, and refuses a wrong passphrase', { timeout: 240_000 }, async () => {
  const passphrase = 'correct horse battery staple 服务铃';
  await withDesk({ name: 'vault', keyring: false, env: { DESKBELL_NO_KEYRING: '1' } }, async (desk) => {
    let state = await desk.rpc('app_state');
    assert.deepEqual([state.keyring, state.keyring_reason], ['vault_needed', 'keyring_missing']);
    for (const field of await passwordFields(desk)) await field.type(passphrase);
    await desk.page.press('Enter');
    await desk.startDemo();
    await desk.restart();
    state = await desk.rpc('app_state');
    assert.equal(state.phase, 'locked');
    const [field] = await passwordFields(desk);
    await field.type('not this one');
    await desk.page.press('Enter');
    await until('the refusal', async () => (await desk.page.all('[role="alert"], [aria-invalid="true"]')).length > 0);
    assert.equal((await desk.rpc('app_state')).phase, 'locked');
    await desk.page.run("() => { const field = document.querySelector('input[type=password]'); field.value = ''; field.dispatchEvent(new InputEvent('input', { bubbles: true })); field.focus(); }");
    await (await passwordFields(desk))[0].type(passphrase);
    await desk.page.press('Enter');
    await desk.page.byId('nav-watch');
    assert.equal((await desk.rpc('app_state')).keyring, 'vault');

    await desk.quit();
    for (const file of filesUnder(desk.dataDir)) assert.equal(readFileSync(file).includes(passphrase), false, file);
    assert.equal(desk.logs().includes(passphrase), false);
  });
});

test('a locked keyring is told apart from a missing one', { timeout: 120_000 }, async () => {
  await withDesk({ name: 'locked-keyring', keyring: 'locked' }, async (desk) => {
    const state = await desk.rpc('app_state');
    assert.equal(state.keyring_reason, 'keyring_locked');
    await until('a screen', async () => (await desk.page.text()).length > 40);
  });
});

async function passwordFields(desk) {
  await desk.page.see('input[type="password"]');
  return desk.page.all('input[type="password"]');
}

function filesUnder(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => path.join(entry.parentPath ?? entry.path, entry.name));
}
