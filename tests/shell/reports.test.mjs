// Reports: the desk's own history, counted again by the real core.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';

const headline = (page) => page.run("() => document.querySelector('[data-testid=\"replay-result\"] .big')?.innerText ?? ''");

/** The result that says other than `before`, in its own words. */
async function run(page, before = '') {
  await page.click('replay-run');
  return until('a result', async () => {
    const text = await headline(page);
    return text !== '' && text !== before && (await page.allById('replay-run')).length > 0 && text;
  }, { timeoutMs: 60_000 });
}

test('its own history is replayed, under changed rules too; a run that is stopped leaves no trace', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'reports' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await page.click('nav-reports');
    await page.byId('replay-run');

    // Stopped before it can be done.
    await page.runAsync(`async () => {
      document.querySelector('[data-testid="replay-run"]').click();
      await new Promise(requestAnimationFrame);
      document.querySelector('[data-testid="replay-stop"]')?.click();
    }`);
    await page.byId('replay-run');
    assert.equal((await page.all('[role="alert"]')).length, 0, 'a stop is no error');

    const under = await run(page);
    const figures = (under.replaceAll(',', '').match(/\d+/g) ?? []).map(Number);
    assert.ok(Math.max(...figures) > 100, `decided clocks: ${under}`);
    const { candidate } = await desk.rpc('replay_run', { source: { kind: 'store' }, set: null });
    assert.ok(candidate.tickets >= 300 && candidate.total.clocks > 300, `${candidate.tickets} tickets, ${candidate.total.clocks} clocks`);
    assert.ok((await page.text()).includes(String(candidate.tickets)), 'the page says how many tickets');
    await desk.desktop.picture('report.png');

    // An hour where it was forty: the screen compares, and nothing is saved.
    await page.click('replay-change');
    const target = await page.byId('replay-standard-routine-resolution');
    await target.retype('x');
    await until('the run to wait for a number', () => page.run("() => document.querySelector('[data-testid=\"replay-run\"]').disabled"));
    await target.retype('1');
    const changed = await run(page, under);
    assert.match(await page.text(), /现行规则下：|Under the rules in force:/);
    assert.notEqual(changed, under);
    await desk.desktop.picture('compared.png');
    assert.equal((await desk.rpc('rules_get')).shipped, true, 'nothing was saved');

    for (const theme of ['light', 'dark']) {
      await desk.setSettings({ theme });
      await until(`the ${theme} theme`, () => page.run('(theme) => getComputedStyle(document.documentElement).colorScheme === theme', theme));
      assert.deepEqual(await axeFindings(page), [], theme);
    }
  });
});
