// Puts a benchmark's Markdown into its section of docs/benchmarks.md, with the machine it was measured on.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

const FILE = 'docs/benchmarks.md';
const TITLES = { window: 'The window', pull_rt: 'Pull from Request Tracker' };
const HEAD = '# Benchmarks\n\nRatios within one run, on whatever machine ran them; `make bench` measures again and rewrites the sections below.\n';

const [, , name, source] = process.argv;
let measured = readFileSync(source, 'utf8').trim();
if (name === 'pull_rt') {
  // It prints "name value" lines.
  measured = `| figure | value |\n|---|---|\n${measured.split('\n').map((line) => line.trim().split(/\s+/)).filter((words) => words.length >= 2)
    .map((words) => `| ${words.slice(0, -1).join(' ')} | ${words.at(-1)} |`).join('\n')}`;
}
const machine = `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GB, Linux; ${new Date().toISOString().slice(0, 10)}.`;
const section = `<!-- ${name} -->\n## ${TITLES[name] ?? name}\n\n${measured}\n\nMeasured on ${machine}\n<!-- /${name} -->`;
const text = existsSync(FILE) ? readFileSync(FILE, 'utf8') : HEAD;
const known = new RegExp(`<!-- ${name} -->[\\s\\S]*<!-- /${name} -->`);
writeFileSync(FILE, known.test(text) ? text.replace(known, () => section) : `${text.trimEnd()}\n\n${section}\n`);
