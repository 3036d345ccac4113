// exec → first paint, and memory at rest, of Deskbell with 100,000 tickets against an empty Tauri window.
// Interleaved runs on one private desktop; medians and their ratio. Prints a Markdown section on standard output.
// "First paint": the second animation frame after the page's own picture, in both programs. Deskbell's is the desk's frame;
// "first content" is the second animation frame after Watch shows the tickets' clocks.
import { closeSync, existsSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Desktop, ROOT } from '../../shell/lib/desktop.mjs';
import { start, stop, until } from '../../shell/lib/processes.mjs';

const TICKETS = Number(process.env.BENCH_TICKETS ?? 100_000);
const RUNS = Number(process.env.BENCH_RUNS ?? 15);
const MEMORY_RUNS = Number(process.env.BENCH_MEMORY_RUNS ?? 5);
const BUILD = path.join(ROOT, 'target/release');
const DESKBELL = path.join(BUILD, 'deskbell');
/** `default`: as WebKit starts by itself, where Deskbell would tell it that there is no graphics device. */
const PROGRAMS = {
  empty: { file: path.join(BUILD, 'examples/empty-window'), env: {} },
  deskbell: { file: DESKBELL, env: {} },
  default: { file: DESKBELL, env: { DESKBELL_GRAPHICS: 'default' } },
};
const NAMES = Object.keys(PROGRAMS);
/** A tree of processes rests when it uses less than this share of one core for this long: the Watch screen counts seconds. */
const REST = { share: 0.2, forMs: 2_000, withinMs: 30_000 };

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const log = (text) => process.stderr.write(`${text}\n`);

/** A program's processes, itself first. */
function tree(root) {
  const children = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ')[1]);
      children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
    } catch {
      // Ended meanwhile.
    }
  }
  const all = [root];
  for (const pid of all) all.push(...(children.get(pid) ?? []));
  return all;
}

/** Clock ticks (10 ms) that the processes have used. */
const ticks = (pids) => pids.reduce((sum, pid) => {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
    return sum + Number(fields[11]) + Number(fields[12]);
  } catch {
    return sum;
  }
}, 0);

async function atRest(root) {
  const deadline = Date.now() + REST.withinMs;
  while (Date.now() < deadline) {
    const before = ticks(tree(root));
    await sleep(REST.forMs);
    if ((ticks(tree(root)) - before) * 10 < REST.share * REST.forMs) return;
  }
  throw new Error('the program does not come to rest');
}

/** Resident and proportional memory of all processes, MB. */
function memory(root) {
  const sum = { rss: 0, pss: 0, processes: 0 };
  for (const pid of tree(root)) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
    sum.rss += Number(/^Rss: +(\d+)/m.exec(text)[1]) / 1024;
    sum.pss += Number(/^Pss: +(\d+)/m.exec(text)[1]) / 1024;
    sum.processes += 1;
  }
  return sum;
}

async function once(desktop, name, { rest = false } = {}) {
  const env = { ...desktop.env, DESKBELL_DATA_DIR: path.join(desktop.folder, 'desk'), DESKBELL_TRACE_STARTUP: '1', ...PROGRAMS[name].env };
  const reached = {};
  const begin = performance.now();
  const heard = (line) => {
    const moment = /^(first-paint|first-content)-ms=/.exec(line)?.[1];
    if (moment) reached[moment] ??= performance.now() - begin;
  };
  const program = start(PROGRAMS[name].file, [], { env, log: path.join(desktop.out, `${name}.log`), onLine: heard });
  const wait = (moment) => until(`the ${moment} of ${name}`, () => reached[moment], { everyMs: 2, timeoutMs: 60_000 });
  try {
    const result = { paintMs: await wait('first-paint') };
    if (name !== 'empty') result.contentMs = await wait('first-content');
    if (rest) {
      await atRest(program.pid);
      Object.assign(result, memory(program.pid));
    }
    return result;
  } finally {
    await stop(program);
  }
}

/** Fills the data directory through deskctl, as a person would. */
async function fill(desktop) {
  const env = { ...desktop.env, DESKBELL_DATA_DIR: path.join(desktop.folder, 'desk') };
  const deskctl = path.join(BUILD, 'deskctl');
  const file = path.join(desktop.folder, 'tickets.ndjson');
  const ended = async (child) => {
    const code = await new Promise((resolve) => child.once('exit', resolve));
    if (code !== 0) throw new Error(`deskctl ended with ${code}; see ${desktop.out}`);
  };
  const out = openSync(file, 'w');
  await ended(start(deskctl, ['demo', 'generate', '--tickets', String(TICKETS)], { env, stdio: ['ignore', out, 'inherit'] }));
  closeSync(out);
  log(`generated ${TICKETS} tickets, ${(statSync(file).size / 1e6).toFixed(0)} MB`);
  const begin = Date.now();
  await ended(start(deskctl, ['import', 'tickets', file], { env, log: path.join(desktop.out, 'deskctl.log') }));
  log(`imported in ${((Date.now() - begin) / 1000).toFixed(1)} s`);
}

const desktop = await Desktop.open({ name: 'window', out: path.join(ROOT, 'out/bench'), service: 'double', tray: true });
try {
  await fill(desktop);
  const starts = Object.fromEntries(NAMES.map((name) => [name, []]));
  const rests = Object.fromEntries(NAMES.map((name) => [name, []]));
  // The first start of each reads the disk, and the first of Deskbell learns what the next one's frame looks like; neither is counted.
  for (const name of NAMES) await once(desktop, name);
  for (let run = 0; run < RUNS; run += 1) {
    for (const name of run % 2 ? NAMES.toReversed() : NAMES) starts[name].push(await once(desktop, name));
    log(`run ${run + 1}/${RUNS}: ${NAMES.map((name) => `${name} ${starts[name].at(-1).paintMs.toFixed(0)} ms`).join(', ')}`);
  }
  for (let run = 0; run < MEMORY_RUNS; run += 1) {
    for (const name of NAMES) rests[name].push(await once(desktop, name, { rest: true }));
    log(`memory ${run + 1}/${MEMORY_RUNS}: ${NAMES.map((name) => `${name} ${rests[name].at(-1).rss.toFixed(0)} MB`).join(', ')}`);
  }
  const mid = (samples, field) => median(samples.map((sample) => sample[field]));
  const cell = (value, unit, base) => `${value.toFixed(0)} ${unit} · ${(value / base).toFixed(2)}`;
  const row = (what, unit, bar, samples, field, ofEmpty = field) => {
    const base = mid(samples.empty, ofEmpty);
    return `| ${what} | ${base.toFixed(0)} ${unit} | ${cell(mid(samples.deskbell, field), unit, base)} | ${cell(mid(samples.default, field), unit, base)} | ${bar} |`;
  };
  const device = existsSync('/dev/dri') ? 'with a graphics device' : 'without a graphics device';
  console.log(`Deskbell with ${TICKETS.toLocaleString('en')} tickets in its store against an empty Tauri window (tests/perf/empty-window), release builds, one session
${device}, interleaved; medians of ${RUNS} starts and ${MEMORY_RUNS} rests, and their ratio to the empty window. Memory is the sum over all
processes of the program (${mid(rests.deskbell, 'processes')} and ${mid(rests.empty, 'processes')}). The last but one column is Deskbell where somebody said \`DESKBELL_GRAPHICS=default\`.

| | empty window | Deskbell | Deskbell, WebKit's own graphics | bar |
|---|---|---|---|---|
${row('exec → first paint (the frame)', 'ms', '≤ 1.25', starts, 'paintMs')}
${row('exec → first content (the tickets)', 'ms', '', starts, 'contentMs', 'paintMs')}
${row('resident memory at rest', 'MB', '≤ 1.25', rests, 'rss')}
${row('proportional memory at rest', 'MB', '', rests, 'pss')}`);
} finally {
  await desktop.close();
}
