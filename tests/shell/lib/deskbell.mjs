// Deskbell in its real window on a private desktop, driven through WebKitWebDriver.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Desktop, ROOT } from './desktop.mjs';
import { freePort, start, stop, until } from './processes.mjs';
import { Session } from './webdriver.mjs';

export const BINARY = path.resolve(process.env.DESKBELL_BIN ?? path.join(ROOT, 'target/debug/deskbell'));
export const DESKCTL = path.join(path.dirname(BINARY), 'deskctl');
const DRIVER = process.env.WEBKIT_WEBDRIVER ?? 'WebKitWebDriver';

export class Deskbell {
  /** Opens a private desktop and Deskbell on it. `env` is added; other options are those of Desktop.open. */
  static async open({ env = {}, prepare, ...options }) {
    if (!existsSync(BINARY)) throw new Error(`${BINARY} is not built`);
    const desk = new Deskbell();
    desk.desktop = await Desktop.open(options);
    desk.dataDir = path.join(desk.desktop.folder, 'desk');
    desk.env = { ...desk.desktop.env, DESKBELL_DATA_DIR: desk.dataDir, DESKBELL_LOG: 'info', TAURI_WEBVIEW_AUTOMATION: 'true', RUST_BACKTRACE: '1', ...env };
    try {
      await prepare?.(desk);
      await desk.launch();
    } catch (error) {
      await desk.close();
      throw error;
    }
    return desk;
  }

  async launch(args = []) {
    const port = await freePort();
    const base = `http://127.0.0.1:${port}`;
    this.driver = start(DRIVER, ['--host=127.0.0.1', `--port=${port}`], { env: this.env, log: path.join(this.desktop.out, 'deskbell.log') });
    await until('WebKitWebDriver', async () => (await fetch(`${base}/status`)).ok);
    this.page = await Session.open(base, BINARY, args);
    await until('the page', () => this.page.run("() => document.readyState === 'complete' && document.body.innerText.trim().length > 0"), { timeoutMs: 40_000 });
  }

  /** Ends the program (with SIGKILL: at once, as a crash does); the data stays. */
  async quit(signal = 'SIGTERM') {
    await stop(this.driver, signal);
    this.page = null;
  }

  async restart(args) {
    await this.quit();
    await this.launch(args);
  }

  /** A command of the core, asked through the window's own way. */
  rpc(name, args = {}) {
    return this.page.runAsync(
      "(name, args) => window.__TAURI_INTERNALS__.invoke('rpc', { name, args })", name, args);
  }

  /** From the welcome screen to a synchronised demo desk. */
  async startDemo() {
    await this.page.click('demo-start', { timeoutMs: 30_000 });
    await until('the demo tickets', async () => {
      const { accounts } = await this.rpc('sync_status');
      return accounts.length === 1 && accounts[0].account.ticket_count >= 300 && accounts[0].state === 'idle';
    }, { timeoutMs: 60_000, everyMs: 250 });
  }

  async setSettings(change) {
    const { settings } = await this.rpc('app_state');
    await this.rpc('settings_put', { settings: { ...settings, ...change } });
  }

  /** The log file and everything printed, as one text. */
  logs() {
    const files = [path.join(this.dataDir, 'deskbell.log'), path.join(this.desktop.out, 'deskbell.log')];
    return files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8')).join('\n');
  }

  async close() {
    await this.quit();
    await this.desktop.close();
  }
}

/** Runs `body` with an opened desk; keeps a picture and the page's text when it fails. */
export async function withDesk(options, body) {
  const desk = await Deskbell.open(options);
  try {
    await body(desk);
  } catch (error) {
    mkdirSync(desk.desktop.out, { recursive: true });
    await desk.desktop.picture('failed.png').catch(() => undefined);
    const seen = await desk.page?.text().catch(() => '(no page)');
    console.error(`${error.message}\non screen: ${String(seen).slice(0, 1_500)}\nsee ${path.relative(ROOT, desk.desktop.out)}`);
    throw error;
  } finally {
    await desk.close();
  }
}

export const AXE = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../ui/node_modules/axe-core/axe.min.js');
