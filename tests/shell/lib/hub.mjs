// A support API on loopback that the window connects to as to any other, and that the test changes behind its back.
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { DESKCTL } from './deskbell.mjs';
import { start, stop, until } from './processes.mjs';

export class Hub {
  /** Serves the demo's tickets; ended with `close`. */
  static async open(desk) {
    const hub = new Hub();
    const folder = path.join(desk.desktop.folder, `hub-${randomUUID()}`);
    mkdirSync(folder, { recursive: true });
    hub.child = start(DESKCTL, ['demo', 'serve', '--json'], {
      env: { ...desk.env, DESKBELL_DATA_DIR: folder },
      log: path.join(desk.desktop.out, 'hub.log'),
      onLine: (line, isError) => { if (!isError && line.startsWith('{')) Object.assign(hub, JSON.parse(line)); },
    });
    await until('the hub', () => hub.url);
    return hub;
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

/** A desk connected to a hub of its own. */
export const withHub = (withDesk) => (options, body) => withDesk(options, async (desk) => {
  const hub = await Hub.open(desk);
  try {
    await hub.connect(desk);
    await body(desk, hub);
  } finally {
    await hub.close();
  }
});
