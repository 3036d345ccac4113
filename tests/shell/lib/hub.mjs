// A support API on loopback that the window connects to as to any other, and that the test changes behind its back.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DESKCTL } from './deskbell.mjs';
import { run, start, stop, until } from './processes.mjs';

/** Has confirmed visits of a server's file begin an hour ago; prints the id of each. */
const BEGIN = `
import json, sqlite3, sys, time
with sqlite3.connect(f'file:{sys.argv[1]}?mode=rw', timeout=20, uri=True) as db:
    now = int(time.time() * 1000)
    for visit, payload in db.execute("SELECT id, payload FROM visits WHERE state = 'confirmed' ORDER BY id LIMIT ?", (int(sys.argv[2]),)).fetchall():
        told = json.loads(payload)
        told["slot"].update(start=now - 3_600_000, end=now + 3_600_000)
        db.execute("UPDATE visits SET payload = ?, start_at = ?, end_at = ? WHERE id = ?", (json.dumps(told), now - 3_600_000, now + 3_600_000, visit))
        print(visit)
`;

export class Hub {
  /** Serves the demo's tickets; ended with `close`. */
  static async open(desk) {
    const hub = new Hub();
    const folder = path.join(desk.desktop.folder, `hub-${randomUUID()}`);
    mkdirSync(folder, { recursive: true });
    hub.child = start(DESKCTL, ['demo', 'serve', '--json'], {
      env: { ...desk.env, DESKBELL_DATA_DIR: folder, TMPDIR: folder },
      log: path.join(desk.desktop.out, 'hub.log'),
      onLine: (line, isError) => { if (!isError && line.startsWith('{')) Object.assign(hub, JSON.parse(line)); },
    });
    await until('the hub', () => hub.url);
    hub.file = path.join(folder, `deskbell-demo-${hub.child.pid}`, 'demo', 'hub.db');
    return hub;
  }

  /** What only time does, done before a desk is connected: so many confirmed visits began an hour ago. Answers their ids. */
  async begin(count) {
    const ids = (await run('/usr/bin/python3', ['-c', BEGIN, this.file, String(count)])).trim().split('\n');
    if (ids.length !== count) throw new Error(`${ids.length} visits began`);
    return ids;
  }

  /** Through the dialog, as a person does it, from the welcome screen; done when every ticket has come. */
  async connect(desk) {
    const { page } = desk;
    await page.click('connect-account', { timeoutMs: 30_000 });
    await (await page.see('input[name="account-kind"][value="hub"]')).click();
    const fields = await page.all('.account-dialog input.input');
    for (const [at, text] of [this.url, this.user, this.token].entries()) await fields[at].type(text);
    await page.press('Enter');
    await until('the tickets of the hub', async () => {
      const { accounts } = await desk.rpc('sync_status');
      return accounts.length === 1 && accounts[0].account.ticket_count >= 300 && accounts[0].state === 'idle';
    }, { timeoutMs: 60_000, everyMs: 250 });
  }

  async ask(method, what, body) {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() };
    const answer = await fetch(`${this.url}api/v1/${what}`, { method, headers, body: body && JSON.stringify(body) });
    if (!answer.ok) throw new Error(`${method} ${what}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  close() {
    return stop(this.child);
  }
}

/** A desk connected to a hub of its own; `before`: what happens to the hub before that. */
export const withHub = (withDesk) => (options, body) => withDesk(options, async (desk) => {
  const hub = await Hub.open(desk);
  try {
    await options.before?.(hub);
    await hub.connect(desk);
    await body(desk, hub);
  } finally {
    await hub.close();
  }
});
