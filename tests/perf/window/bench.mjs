// exec → first paint, and memory at rest, of Deskbell with 100,000 tickets against an empty Tauri window.
// Interleaved runs on one private desktop; medians and their ratio. Prints a Markdown section on standard output.
import { closeSync, openSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Desktop, ROOT } from '../../shell/lib/desktop.mjs';
import { start, stop, until } from '../../shell/lib/processes.mjs';

const TICKETS = Number(process.env.BENCH_TICKETS ?? 100_000);
const RUNS = Number(process.env.BENCH_RUNS ?? 15);
const MEMORY_RUNS = Number(process.env.BENCH_MEMORY_RUNS ?? 5);
const BUILD = path.join(ROOT, 'target/release');
const PROGRAMS = { empty: path.join(BUILD, 'examples/empty-window'), deskbell: path.join(BUILD, 'deskbell') };
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
  const env = { ...desktop.env, DESKBELL_DATA_DIR: path.join(desktop.folder, 'desk'), DESKBELL_TRACE_STARTUP: '1' };
  let paintedAt = 0;
  const begin = performance.now();
  const program = start(PROGRAMS[name], [], { env, log: path.join(desktop.out, `${name}.log`), onLine: (line) => { if (line.startsWith('first-paint-ms=')) paintedAt ||= performance.now(); } });
  try {
    await until(`the first paint of ${name}`, () => paintedAt, { everyMs: 5, timeoutMs: 60_000 });
    const result = { paintMs: paintedAt - begin };
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
  const paint = { empty: [], deskbell: [] };
  // The first start of each reads the disk; it is not counted.
  for (const name of Object.keys(paint)) await once(desktop, name);
  for (let run = 0; run < RUNS; run += 1) {
    for (const name of run % 2 ? ['deskbell', 'empty'] : ['empty', 'deskbell']) paint[name].push((await once(desktop, name)).paintMs);
    log(`run ${run + 1}/${RUNS}: empty ${paint.empty.at(-1).toFixed(0)} ms, deskbell ${paint.deskbell.at(-1).toFixed(0)} ms`);
  }
  const resting = { empty: [], deskbell: [] };
  for (let run = 0; run < MEMORY_RUNS; run += 1) {
    for (const name of ['empty', 'deskbell']) resting[name].push(await once(desktop, name, { rest: true }));
    log(`memory ${run + 1}/${MEMORY_RUNS}: empty ${resting.empty.at(-1).rss.toFixed(0)} MB, deskbell ${resting.deskbell.at(-1).rss.toFixed(0)} MB`);
  }
  const row = (what, unit, bar, empty, deskbell) =>
    `| ${what} | ${empty.toFixed(0)} ${unit} | ${deskbell.toFixed(0)} ${unit} | ${(deskbell / empty).toFixed(2)} | ${bar} |`;
  const mid = (name, field) => median(resting[name].map((sample) => sample[field]));
  console.log(`Deskbell with ${TICKETS.toLocaleString('en')} tickets in its store against an empty Tauri window (tests/perf/empty-window), release builds, one session,
interleaved; medians of ${RUNS} starts and ${MEMORY_RUNS} rests. Memory is the sum over all processes of the program (${mid('deskbell', 'processes')} and ${mid('empty', 'processes')}).

| | empty window | Deskbell | ratio | bar |
|---|---|---|---|---|
${row('exec → first paint', 'ms', '≤ 1.25', median(paint.empty), median(paint.deskbell))}
${row('resident memory at rest', 'MB', '≤ 1.25', mid('empty', 'rss'), mid('deskbell', 'rss'))}
${row('proportional memory at rest', 'MB', '', mid('empty', 'pss'), mid('deskbell', 'pss'))}`);
} finally {
  await desktop.close();
}
