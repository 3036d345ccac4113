// What axe-core finds on the screen, by WCAG 2.2 AA.
import { readFileSync } from 'node:fs';
import { AXE } from './deskbell.mjs';

const RUN_AXE = `async () => {
  const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
  // A moving element is judged where it comes to rest.
  await Promise.all(document.getAnimations().filter((animation) => Number.isFinite(animation.effect?.getComputedTiming().endTime)).map((animation) => animation.finished.catch(() => undefined)));
  const { violations } = await window.axe.run(document, { runOnly: { type: 'tag', values: tags } });
  return violations.map(({ id, impact, nodes }) => ({ id, impact, nodes: nodes.slice(0, 5).map((node) => node.target.join(' ') + ': ' + (node.any[0] ?? node.all[0] ?? node.none[0])?.message) }));
}`;

/** Findings of the screen as it is, none where it is clean. */
export async function axeFindings(page) {
  if (!(await page.run('() => Boolean(window.axe)'))) await page.run(`() => { ${readFileSync(AXE, 'utf8')} }`);
  return page.runAsync(RUN_AXE);
}
