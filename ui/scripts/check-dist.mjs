// What a production build must not contain: the fixture, inline scripts (the window's policy refuses them), or addresses of other hosts to load from.
// And what it must: the frames, their styles, and nothing of weight before them.
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Scripts that are loaded before the first frame, together, bytes: a frame that waits for more is late. */
const FIRST_SCRIPTS_MAX = 24_000;

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
for (const frame of ['desk-zh-CN', 'desk-en', 'gate']) {
  if (!new RegExp(`<template id="frame-${frame}"><div class="frame `).test(page)) problems.push(`index.html lacks the frame ${frame}`);
}
const styles = [...page.matchAll(/<link rel="stylesheet"[^>]*href="\/([^"]+)"/g)].map(([, name]) => readFileSync(join(dist, name), 'utf8')).join('');
for (const selector of ['.frame-desk', '.frame-gate', '.rail', '--bg']) if (!styles.includes(selector)) problems.push(`no style before the first frame for ${selector}`);
const first = [...page.matchAll(/(?:<script[^>]*src|<link rel="modulepreload"[^>]*href)="\/([^"]+)"/g)].reduce((sum, [, name]) => sum + statSync(join(dist, name)).size, 0);
if (first === 0 || first > FIRST_SCRIPTS_MAX) problems.push(`${first} bytes of script before the first frame, at most ${FIRST_SCRIPTS_MAX}`);
if (problems.length > 0) {
  process.stderr.write(`${problems.join('\n')}\n`);
  process.exit(1);
}
