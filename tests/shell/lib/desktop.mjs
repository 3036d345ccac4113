// A private desktop: its own screen, session bus, home, keyring and notification service.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, start, stop, until } from './processes.mjs';

const HERE = path.dirname(fileURLToPath(import.meta.url));
export const ROOT = path.resolve(HERE, '../../..');

/** Variables of the outer desktop that must not leak into the private one. */
const FOREIGN = ['DISPLAY', 'WAYLAND_DISPLAY', 'DBUS_SESSION_BUS_ADDRESS', 'XAUTHORITY', 'XDG_CURRENT_DESKTOP', 'XDG_SESSION_TYPE',
  'GNOME_KEYRING_CONTROL', 'SSH_AUTH_SOCK', 'DESKBELL_DATA_DIR', 'DESKBELL_NO_KEYRING', 'DESKBELL_LOG', 'GTK_THEME'];

export class Desktop {
  #children = [];
  #events = [];
  /** The doubles, by the part that each plays. */
  #doubles = {};

  /**
   * `service`: which notification service runs, "dunst", "double" or "none"; `capabilities`: what the double says that it
   * can do. `keyring`: an
   * unlocked gnome-keyring, one that is "locked", or none.
   * `tray`: a tray host. `screen`: its size. `name`: of the folder in out/shell with the logs and pictures.
   */
  static async open({ name, out = path.join(ROOT, 'out/shell'), service = 'double', capabilities, keyring = true, tray = false, lang = 'C.UTF-8', screen = '1280x860' }) {
    const desktop = new Desktop();
    desktop.out = path.join(out, name);
    rmSync(desktop.out, { recursive: true, force: true });
    mkdirSync(desktop.out, { recursive: true });
    desktop.folder = mkdtempSync(path.join(tmpdir(), 'deskbell-'));
    const folder = (part) => {
      const made = path.join(desktop.folder, part);
      mkdirSync(made, { mode: 0o700 });
      return made;
    };
    const env = { ...process.env };
    for (const variable of FOREIGN) delete env[variable];
    Object.assign(env, { HOME: folder('home'), XDG_RUNTIME_DIR: folder('run'), XDG_CONFIG_HOME: folder('config'),
      XDG_DATA_HOME: folder('data'), XDG_CACHE_HOME: folder('cache'), LANG: lang, TZ: 'Asia/Shanghai', NO_AT_BRIDGE: '1',
      GSETTINGS_BACKEND: 'memory' });
    desktop.env = env;
    try {
      await desktop.#openScreen(screen);
      await desktop.#openBus();
      if (keyring) await desktop.#openKeyring(keyring !== 'locked');
      if (service === 'dunst') await desktop.#openDunst();
      if (service === 'double') await desktop.startService(capabilities);
      if (tray) await desktop.#openDouble('tray', []);
    } catch (error) {
      await desktop.close();
      throw error;
    }
    return desktop;
  }

  #start(program, args, options = {}) {
    const child = start(program, args, { env: this.env, log: path.join(this.out, `${path.basename(program)}.log`), ...options });
    this.#children.push(child);
    return child;
  }

  async #openScreen(screen) {
    let display = '';
    const child = this.#start('Xvfb', ['-displayfd', '3', '-screen', '0', `${screen}x24`, '-nolisten', 'tcp', '-noreset'], {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    });
    child.stdio[3].on('data', (chunk) => (display += chunk));
    await until('Xvfb', () => display.includes('\n') || Promise.reject(child.failure), { timeoutMs: 30_000 });
    this.env.DISPLAY = `:${display.trim()}`;
    this.#start('openbox', ['--sm-disable']);
  }

  async #openBus() {
    let address = '';
    // No service directories: nothing starts by itself, so "no notification service" means none.
    const config = path.join(this.folder, 'bus.conf');
    writeFileSync(config, `<busconfig><type>session</type><listen>unix:dir=${this.env.XDG_RUNTIME_DIR}</listen><auth>EXTERNAL</auth>
      <policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`);
    this.#start('dbus-daemon', [`--config-file=${config}`, '--nofork', '--print-address=1'], { onLine: (line, isError) => { if (!isError) address ||= line; } });
    await until('the session bus', () => address);
    this.env.DBUS_SESSION_BUS_ADDRESS = address;
  }

  async #openKeyring(unlocked) {
    if (!unlocked) {
      this.#start('gnome-keyring-daemon', ['--foreground', '--components=secrets']);
      await this.#nameOwned('org.freedesktop.secrets');
      return;
    }
    const child = this.#start('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets']);
    child.stdin.end('private-test-password');
    const ask = ['call', '--session', '--dest', 'org.freedesktop.secrets', '--object-path', '/org/freedesktop/secrets/collection/login',
      '--method', 'org.freedesktop.DBus.Properties.Get', 'org.freedesktop.Secret.Collection', 'Locked'];
    await until('the keyring', async () => (await run('gdbus', ask, { env: this.env })).includes('false'));
  }

  async #openDunst() {
    const config = path.join(this.folder, 'dunstrc');
    // The menu of actions is asked of a program: this one takes the line that a test named.
    const menu = path.join(this.folder, 'menu.sh');
    writeFileSync(menu, `#!/bin/sh\nexec grep -m1 -F "$(cat '${path.join(this.folder, 'choose')}')"\n`, { mode: 0o755 });
    writeFileSync(config, `[global]\n  dmenu = ${menu}\n` + '  font = sans 11\n  width = (300, 460)\n  origin = top-right\n  offset = 24x64\n  idle_threshold = 0\n' +
      '  frame_width = 1\n  frame_color = "#a8761f"\n  background = "#1e1c19"\n  foreground = "#ece7dc"\n  corner_radius = 8\n  padding = 12\n  horizontal_padding = 14\n');
    this.#start('dunst', ['-config', config]);
    await this.#nameOwned('org.freedesktop.Notifications');
  }

  /** A notification service of our own; `capabilities` as it would name them itself. */
  startService(capabilities) {
    return this.#openDouble('notifications', capabilities ? [`capabilities=${capabilities.join(',')}`] : []);
  }

  /** The service dies as a crash does it: without a word. */
  async killService() {
    await stop(this.#doubles.notifications, 'SIGKILL');
  }

  async #openDouble(part, args) {
    const seen = this.#events.length;
    this.#doubles[part] = this.#start('/usr/bin/python3', [path.join(HERE, 'bus_double.py'), part, ...args], {
      onLine: (line, isError) => { if (!isError && line.startsWith('{')) this.#events.push(JSON.parse(line)); },
    });
    await until(`the double: ${part}`, () => this.#events.slice(seen).some((event) => event.owned));
  }

  async #nameOwned(name) {
    const ask = ['call', '--session', '--dest', 'org.freedesktop.DBus', '--object-path', '/', '--method', 'org.freedesktop.DBus.NameHasOwner', name];
    await until(name, async () => (await run('gdbus', ask, { env: this.env })).includes('true'));
  }

  /** Notifications that the double received, oldest first. */
  get notifications() {
    return this.#events.filter((event) => event.notify).map((event) => event.notify);
  }

  get trayRegistered() {
    return this.#events.some((event) => event.tray);
  }

  /** Ids of notifications that Deskbell took back. */
  get closed() {
    return this.#events.filter((event) => event.closed).map((event) => event.closed);
  }

  /** Tells the doubles what a person did; see bus_double.py. */
  order(order) {
    const part = ['menu', 'click', 'label'].some((name) => name in order) ? 'tray' : 'notifications';
    this.#doubles[part].stdin.write(`${JSON.stringify(order)}\n`);
  }

  async #answer(question) {
    const seen = this.#events.length;
    this.order({ [question]: null });
    return (await until(`the tray's ${question}`, () => this.#events.slice(seen).find((event) => question in event)))[question];
  }

  /** The tray menu as [id, label, enabled, toggled], submenus after their entry. */
  trayMenu() {
    return this.#answer('menu');
  }

  /** What stands beside the tray icon. */
  trayLabel() {
    return this.#answer('label');
  }

  /** Chooses an action on a notification that dunst shows, through dunst's own menu. */
  async chooseOnDunst(label) {
    writeFileSync(path.join(this.folder, 'choose'), label);
    await this.run('dunstctl', ['context']);
  }

  /** A picture of the whole screen, notifications and all. */
  async picture(name) {
    const file = path.join(this.out, name);
    await run('import', ['-window', 'root', file], { env: this.env });
    return file;
  }

  /** How many colours the screen shows: a blank one shows few. */
  async colours() {
    return Number(await run('bash', ['-c', 'import -window root png:- | identify -format %k png:-'], { env: this.env }));
  }

  run(program, args) {
    return run(program, args, { env: this.env });
  }

  async close() {
    for (const child of this.#children.reverse()) await stop(child);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
