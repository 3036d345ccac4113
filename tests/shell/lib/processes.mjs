// Child processes that cannot outlive the test: each is its own group, ended by its id.
import { spawn } from 'node:child_process';
import { createWriteStream, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

const running = new Set();
const ENDED_AFTER_MS = 8_000;

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});
for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => process.exit(1));

function signalGroup(child, name) {
  try {
    process.kill(-child.pid, name);
  } catch {
    // Gone already.
  }
}

/** Starts a program; what it says goes to `log` (a path) and, line by line, to `onLine`. */
export function start(program, args, { env, log, onLine, stdio } = {}) {
  const child = spawn(program, args, { env, detached: true, stdio: stdio ?? ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', (error) => {
    running.delete(child);
    child.failure = error;
  });
  const file = log ? createWriteStream(log, { flags: 'a' }) : null;
  for (const stream of [child.stdout, child.stderr]) {
    if (!stream) continue;
    createInterface({ input: stream }).on('line', (line) => {
      file?.write(`${line}\n`);
      onLine?.(line, stream === child.stderr);
    });
  }
  child.stdin?.on('error', () => undefined);
  return child;
}

/** Whether any process of the group still lives; one that only waits to be reaped does not. */
function groupLives(leader) {
  return readdirSync('/proc').some((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      // pid (name) state parent group …; the name may hold spaces and brackets.
      const [state, , group] = readFileSync(`/proc/${name}/stat`, 'latin1').replace(/^.*\) /s, '').split(' ');
      return Number(group) === leader && state !== 'Z' && state !== 'X';
    } catch {
      return false;
    }
  });
}

/** Ends a program and everything it started: politely, then for certain. */
export async function stop(child, signal = 'SIGTERM') {
  if (!child?.pid) return;
  signalGroup(child, signal);
  await until('the end', () => !groupLives(child.pid), { timeoutMs: ENDED_AFTER_MS, everyMs: 30 }).catch(() => undefined);
  signalGroup(child, 'SIGKILL');
}

/** Runs a program to its end and returns what it printed; throws with its words when it fails. */
export async function run(program, args, { env, timeoutMs = 30_000 } = {}) {
  const child = start(program, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const errors = [];
  child.stderr.on('data', (chunk) => errors.push(chunk));
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), timeoutMs);
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
    child.once('error', () => resolve(-1));
  });
  clearTimeout(timer);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${Buffer.concat(errors)}`);
  return Buffer.concat(chunks).toString();
}

/** Asks until the answer is truthy; throws with `what` and the last failure. */
export async function until(what, question, { timeoutMs = 20_000, everyMs = 100 } = {}) {
  const deadline = Date.now() + timeoutMs;
  let failure;
  for (;;) {
    try {
      const answer = await question();
      if (answer) return answer;
      failure = undefined;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for ${what}`, { cause: failure });
    await sleep(everyMs);
  }
}

export async function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
