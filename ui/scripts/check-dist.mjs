// What a production build must not contain: the fixture, inline scripts (the window's policy refuses them), or addresses of other hosts to load from.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const dist = resolve(import.meta.dirname, '../dist');
const problems = [];
const page = readFileSync(join(dist, 'index.html'), 'utf8');
if (/<script(?![^>]*\bsrc=)[^>]*>/.test(page)) problems.push('index.html has an inline script');
if (/(?:src|href)="(?:https?:)?\/\//.test(page)) problems.push('index.html loads from another host');
for (const name of readdirSync(join(dist, 'assets'))) {
  const text = readFileSync(join(dist, 'assets', name), 'utf8');
  // A sentence of the invented tickets, and the mark that the fixture leaves in the document.
  if (text.includes('华东支付') || /dataset(?:\.|\[["'`])fixture/.test(text)) problems.push(`${name} contains the fixture`);
  if (/url\((?:https?:)?\/\//.test(text)) problems.push(`${name} loads from another host`);
}
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}
