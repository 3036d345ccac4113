// The arrows of the UI, read from its imports; and the words it shows, read from its markup.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { FluentResource } from '@fluent/bundle';
import { describe, expect, test } from 'vitest';
import { allCodes } from '../src/lib/codes';

const root = resolve(import.meta.dirname, '../src');
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => /\.(ts|svelte)$/.test(name));
const text = new Map(files.map((name) => [name, readFileSync(join(root, name), 'utf8')]));
const importsOf = (name: string): string[] => [...(text.get(name) ?? '').matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].flatMap((found) => (found[1] ? [found[1]] : []));
const target = (from: string, specifier: string): string | null => (specifier.startsWith('.') ? relative(root, resolve(root, dirname(from), specifier)) : null);
const layer = (name: string): string => name.split('/')[0] ?? '';

/** What a layer may know. `first.ts` and `main.ts` tie them together. */
const allowed: Record<string, string[]> = {
  api: [], lib: ['api', 'lib'], host: ['api', 'lib', 'host'], state: ['api', 'lib', 'host', 'state'], components: ['api', 'lib', 'components'],
  parts: ['api', 'lib', 'host', 'state', 'components', 'parts'], features: ['api', 'lib', 'host', 'state', 'components', 'parts', 'features'],
  views: ['api', 'lib', 'host', 'state', 'components', 'parts', 'features', 'views'],
};

function violations(): string[] {
  const found: string[] = [];
  for (const name of files) {
    if (name === 'main.ts' || name === 'first.ts') continue;
    for (const specifier of importsOf(name)) {
      const to = target(name, specifier);
      if (specifier.startsWith('@tauri-apps/') && layer(name) !== 'host') found.push(`${name} imports ${specifier}`);
      if (to === null || to.startsWith('..')) continue;
      if (!(allowed[layer(name)] ?? []).includes(layer(to))) found.push(`${name} → ${to}`);
      if (layer(name) === 'features' && layer(to) === 'features' && name.split('/')[1] !== to.split('/')[1]) found.push(`${name} → ${to}: a feature of its own`);
    }
  }
  return found;
}

describe('layers', () => {
  test('there is something to check', () => {
    expect(files.length).toBeGreaterThan(60);
    expect(importsOf('host/tauri.ts')).toContain('@tauri-apps/api/core');
  });

  test('only point downwards, and only host knows Tauri', () => {
    expect(violations()).toEqual([]);
  });

  test('no import goes in a circle', () => {
    const seen = new Map<string, 'open' | 'done'>();
    const circles: string[] = [];
    const file = (path: string): string | undefined => [path, `${path}.ts`, path.replace(/\.js$/, '.ts')].find((one) => text.has(one)) ?? (text.has(`${path}.svelte.ts`) ? `${path}.svelte.ts` : undefined);
    const walk = (name: string, path: string[]): void => {
      if (seen.get(name) === 'done') return;
      if (seen.get(name) === 'open') {
        circles.push([...path.slice(path.indexOf(name)), name].join(' → '));
        return;
      }
      seen.set(name, 'open');
      for (const specifier of importsOf(name)) {
        const to = target(name, specifier);
        const next = to === null ? undefined : file(to);
        if (next) walk(next, [...path, name]);
      }
      seen.set(name, 'done');
    };
    for (const name of files) walk(name, []);
    expect(circles).toEqual([]);
  });

  test('the fixture is reached by one guarded import only', () => {
    expect(files.filter((name) => !name.startsWith('host/fixture') && importsOf(name).some((one) => /fixture/.test(one)))).toEqual(['host/select.ts']);
    expect(text.get('host/select.ts')).toContain("import.meta.env.MODE === 'fixture'");
  });
});

const messages = (language: string): Map<string, string[]> => {
  const source = readFileSync(resolve(root, `../messages/${language}.ftl`), 'utf8');
  // Every line that opens a message must come out of the parser: Fluent skips what it cannot read.
  const opened = source.match(/^[a-z][a-z0-9_-]* =/gm)?.length ?? 0;
  const { body } = new FluentResource(source);
  expect(body.length).toBe(opened);
  return new Map(body.map((message) => [message.id, [...(message.value === null ? [] : ['']), ...Object.keys(message.attributes)].toSorted()]));
};
const variables = (language: string): Map<string, string> => {
  const source = readFileSync(resolve(root, `../messages/${language}.ftl`), 'utf8');
  return new Map([...source.matchAll(/^([a-z][a-z0-9_-]*) =((?:.|\n(?![a-z#]))*)/gm)].map((found) => [found[1] ?? '', [...new Set((found[2] ?? '').match(/\$[a-z_]+/g) ?? [])].toSorted().join(' ')]));
};

describe('the catalogue', () => {
  const zh = messages('zh-CN');
  const en = messages('en');

  test('has the same keys and parts in both languages', () => {
    expect([...zh.keys()].toSorted()).toEqual([...en.keys()].toSorted());
    for (const [key, parts] of zh) expect([key, en.get(key)]).toEqual([key, parts]);
  });

  test('uses the same values in both languages', () => {
    const other = variables('en');
    for (const [key, names] of variables('zh-CN')) expect([key, other.get(key)]).toEqual([key, names]);
  });

  test('says of every error what happened, what was kept and what comes next', () => {
    for (const code of allCodes) expect([code, zh.get(`error-${code.replaceAll('_', '-')}`)]).toEqual([code, ['kept', 'next', 'what']]);
  });

  test('has every key that the code names', () => {
    const named = new Set<string>();
    for (const [name, source] of text) {
      if (name.startsWith('host/fixture')) continue;
      for (const found of source.matchAll(/\bt\(\s*'([a-z][a-z-]*)'/g)) named.add(found[1] ?? '');
      for (const found of source.matchAll(/\? '([a-z]+(?:-[a-z]+)+)' : '([a-z]+(?:-[a-z]+)+)'\)/g)) for (const key of found.slice(1)) named.add(key);
      for (const found of source.matchAll(/label: '([a-z]+-[a-z-]+)'/g)) named.add(found[1] ?? '');
    }
    expect(named.size).toBeGreaterThan(200);
    expect([...named].filter((key) => !zh.has(key) && key !== 'zh-CN')).toEqual([]);
  });

  test('has every key that is put together from a name', () => {
    const families: Record<string, string[]> = {
      'priority-': ['urgent', 'important', 'routine'], 'status-': ['new', 'open', 'waiting-customer', 'waiting-vendor', 'resolved', 'closed'], 'metric-': ['first-response', 'resolution'], 'operation-': ['queued', 'sending', 'sent', 'rejected', 'unknown'],
      'lane-': ['breached', 'minutes', 'hour', 'today', 'later', 'breached-empty', 'minutes-empty', 'hour-empty', 'today-empty', 'later-empty'], 'account-state-': ['idle', 'syncing', 'offline', 'paused', 'waiting', 'failed'], 'sync-chip-': ['syncing', 'failed', 'offline', 'paused', 'waiting', 'synced'],
      'order-': ['deadline', 'updated', 'created', 'priority'], 'view-': ['unfinished', 'breached', 'urgent', 'vip', 'waiting', 'all'], 'theme-': ['system', 'light', 'dark'], 'composer-': ['dirty', 'saved', 'failed'], 'clock-': ['paused', 'cancelled'], 'why-reason-': ['vip', 'not-vip', 'priority', 'account', 'customer', 'product', 'tag'], 'clock-by-': ['replied', 'resolved', 'closed', 'closed-unanswered', 'merged', 'deleted', 'visit-done', 'visit-cancelled'], 'history-': ['created', 'deleted', 'replied-agent', 'replied-customer', 'replied-system', 'visit-requested', 'visit-done', 'visit-cancelled'], 'operation-name-': ['create-ticket', 'reply', 'set-status', 'set-priority', 'set-assignee', 'set-tags', 'set-custom-field', 'close', 'reopen', 'evaluate', 'attach'], 'exact-': ['days', 'hours', 'minutes', 'seconds'], 'figure-': ['first', 'first-none', 'resolve', 'resolve-none'],
      'vault-strength-': ['short', 'weak', 'fair', 'strong'], 'provider-': ['hub', 'rt', 'aliyun', 'hub-text', 'rt-text', 'aliyun-text'], 'conflict-': ['base', 'mine', 'theirs', 'keep-mine', 'keep-theirs', 'keep-mine-label', 'keep-theirs-label', 'kept-mine', 'kept-theirs'],
      'alerts-group-': ['breached', 'coming', 'held'], 'notification-': ['actions', 'persistence', 'sound', 'body-markup'].flatMap((name) => [name, `${name}-yes`, `${name}-no`]), 'view-rule-': ['ring', 'list', 'off', 'ring-hint', 'list-hint', 'off-hint'],
      'field-': ['status', 'priority', 'assignee', 'tags'], 'evaluate-score-': ['1', '2', '3', '4', '5'], 'option-': ['requests-per-minute', 'connections-max', 'poll-s'], 'region-': ['most', 'singapore', 'tokyo', 'other'], 'account-': ['key-spaces', 'token-needed', 'address-whole', 'address-https'], 'settings-': ['general', 'accounts', 'rules', 'alerts', 'robots', 'calendar', 'storage', 'about'], 'care-tab-': ['customers', 'people', 'handover', 'sessions'], 'acting-why-': ['absence-deputy', 'customer-deputy', 'further-deputy', 'no-manager', 'nobody-there', 'unknown'], 'caldav-state-': ['off', 'current', 'waiting', 'failed'], 'person-': ['name', 'role', 'phone', 'email', 'im'], 'participant-': ['name', 'email', 'role'], 'weekday-': ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], 'rules-kind-': ['holiday', 'shift', 'break', 'weekly', 'closed'], 'rules-save-': ['now', 'date', 'all', 'now-hint', 'date-hint', 'all-hint'], 'rules-dry-': ['looked', 'changed', 'breached', 'rescued', 'without'], 'rules-ring-': ['50', '75', '90', '15min', '5min', 'breach'],
      'rules-unit-': ['second', 'minute', 'hour', 'business-day', 'percent', 'minute-left', 'second-left'], 'rules-vip-': ['any', 'only', 'not'], 'rules-reopen-': ['continue', 'reset'], 'rules-fault-': ['no-policies', 'too-many', 'id-missing', 'id-twice', 'name-missing', 'calendar-unknown', 'calendar-never-open', 'priority-twice', 'target-zero', 'target-too-long', 'percent-invalid', 'time-left-invalid', 'time-zone-unknown', 'time-invalid', 'span-reversed', 'spans-overlap', 'date-invalid'],
      'rules-wrong-': ['name', 'calendar', 'target', 'threshold', 'no-policy', 'zone', 'span-missing', 'span-time', 'span-reversed', 'span-overlap', 'span-many', 'date', 'date-missing', 'date-twice', 'range', 'range-long', 'from', 'from-missing', 'from-past'],
      'settings-key-': ['keyring', 'vault', 'vault-needed'], 'shortcuts-': ['go', 'list', 'ticket', 'desk'], 'nav-': ['watch', 'tickets', 'visits', 'phones', 'centres', 'customers', 'reports', 'outbox', 'settings'],
    };
    const missing = Object.entries(families).flatMap(([prefix, names]) => names.map((name) => prefix + name).filter((key) => !zh.has(key)));
    expect(missing).toEqual([]);
  });
});

/** Letters in markup that no `t(…)` produced: text between tags, and the attributes people read or hear. */
function literals(source: string): string[] {
  const markup = source.replaceAll(/<script[\s\S]*?<\/script>|<style[\s\S]*?<\/style>|<!--[\s\S]*?-->|<svg[\s\S]*?<\/svg>/g, '');
  const letters = /[A-Za-z\u3400-\u9fff]{2,}/;
  const found: string[] = [];
  let depth = 0;
  let inTag = false;
  let quote = '';
  let out = '';
  for (const char of markup) {
    if (inTag && depth === 0 && (char === '"' || char === "'")) quote = quote === char ? '' : quote || char;
    if (char === '{') depth += 1;
    else if (char === '}') depth -= 1;
    else if (depth === 0 && !quote && char === '<') inTag = true;
    else if (depth === 0 && !quote && char === '>') {
      inTag = false;
      out += '\n';
    } else if (depth === 0 && !inTag) out += char;
  }
  for (const line of out.split('\n')) if (letters.test(line)) found.push(line.trim());
  for (const attribute of markup.matchAll(/\b(?:aria-label|title|placeholder|alt|label|hint|text)="([^"{]*)"/g)) if (letters.test(attribute[1] ?? '')) found.push(attribute[0]);
  return found;
}

/** Names of keys on the keyboard are the same in every language. */
const KEYS = new Set(['Ctrl ↵']);

describe('visible words', () => {
  test('the scanner sees a literal', () => {
    expect(literals('<p>Hello {name}</p>')).toEqual(['Hello']);
    expect(literals('<p>{t("a")}</p><button title="关闭">{x > 1 ? "a" : "b"}</button>')).toEqual(['title="关闭"']);
  });

  test('all come from the catalogue', () => {
    const found = [...text].filter(([name]) => name.endsWith('.svelte')).flatMap(([name, source]) => literals(source).filter((one) => !KEYS.has(one)).map((one) => `${name}: ${one}`));
    expect(found).toEqual([]);
  });
});

test('a component stays readable', () => {
  const long = [...text].filter(([name]) => name.endsWith('.svelte')).map(([name, source]) => [name, source.replace(/<style[\s\S]*<\/style>/, '').split('\n').length] as const).filter(([, lines]) => lines > 150);
  expect(long).toEqual([]);
});
