// The rules of service levels, changed in Settings and counted by the real core.
import assert from 'node:assert/strict';
import test from 'node:test';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { CALENDAR, dryRun, month, openRules, saveRules, versions } from './lib/rules.mjs';

const TARGET = 'target-routine-resolution';
const STANDARD = 2;
/** Invented: there was no notice for 2027 when this was written. */
const NOTICE = { year: 2027, days: [
  ...Array.from({ length: 7 }, (_, n) => ({ name: '国庆节', date: `2027-10-0${n + 1}`, isOffDay: true })),
  { name: '国庆节', date: '2027-09-26', isOffDay: false },
] };

/** When the open ticket's resolution is due, in the words of the screen. */
const dueTitle = (page) => page.run("() => document.querySelector('[data-testid=\"clock-resolution\"] .clock')?.title ?? ''");

/** Alerts ring meanwhile and may cover it for a while. */
async function openExample(page, at) {
  const links = '[data-testid="settings-panel"] tbody .ticket .link';
  await until('the way to the ticket', async () => {
    await page.run("(css, at) => document.querySelectorAll(css)[at].scrollIntoView({ block: 'center' })", links, at);
    await (await page.all(links))[at].click();
    return true;
  }, { timeoutMs: 40_000 });
}

async function fill(page, testId, text) {
  const field = await page.byId(testId);
  await field.retype(text);
}

const valueOf = (page, testId) => page.run('(id) => document.querySelector(`[data-testid="${id}"]`)?.value', testId);

test('a changed target is counted before it is saved, moves the clock of a ticket, and outlives the program', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'rules' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await openRules(page);
    assert.equal((await versions(page)).length, 1);
    assert.match((await versions(page))[0], /出厂规则|as shipped/i);

    await page.click(`policy-${STANDARD}`);
    assert.equal(await valueOf(page, TARGET), '40');
    await fill(page, TARGET, '12');
    await page.click('rules-review');
    await page.click('save-all');
    const { figures, examples } = await dryRun(page);
    const [looked, changed] = figures;
    assert.ok(looked > 50 && changed > 0, `figures ${figures}`);
    await desk.desktop.picture('dry-run.png');
    const at = examples.findIndex(({ deadlines: [before, after] }) => before !== null && after !== null && before !== after);
    assert.ok(at >= 0, JSON.stringify(examples.slice(0, 5)));
    const { deadlines: [before, after], remoteId } = examples[at];

    // The dry run changed nothing yet; the way to the ticket and back keeps what is typed.
    await openExample(page, at);
    await until(`the clock of ${remoteId} as it was`, async () => (await dueTitle(page)).includes(before));
    await page.click('nav-settings');
    await saveRules(page, 'all');
    assert.equal((await versions(page)).length, 1);
    assert.doesNotMatch((await versions(page))[0], /出厂规则|as shipped/i);
    await page.click('nav-tickets');
    await until(`the clock of ${remoteId} moved`, async () => (await dueTitle(page)).includes(after), { timeoutMs: 40_000 });
    assert.ok(!(await dueTitle(page)).includes(before));
    await desk.desktop.picture('moved-clock.png');

    await desk.restart();
    await openRules(desk.page);
    await desk.page.click(`policy-${STANDARD}`);
    assert.equal(await valueOf(desk.page, TARGET), '12');
    const { sets } = await desk.rpc('rules_get');
    assert.deepEqual(sets[0].policies[STANDARD].targets.find(({ priority }) => priority === 'routine').resolution, { value: 12, unit: 'hour' });
  });
});

test('the calendar shows the holidays of 2026, takes a notice for 2027, and what is wrong stays as typed over a restart', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'rules-calendar' }, async (desk) => {
    const { page } = desk;
    await desk.startDemo();
    await openRules(page);
    await page.click(`calendar-${CALENDAR}`);
    const october = await month(page, 2026, 10);
    const off = october.filter(({ kind }) => kind === 'holiday');
    assert.deepEqual(off.map(({ date }) => date), Array.from({ length: 7 }, (_, n) => `2026-10-0${n + 1}`));
    assert.ok(off.every(({ text }) => text.includes('国庆')), off[0].text);
    const makeup = october.find(({ kind }) => kind === 'shift');
    assert.equal(makeup.date, '2026-10-10', 'a Saturday that is worked');
    assert.match(makeup.text, /7\.5/);
    assert.equal((await month(page, 2026, 9)).find(({ kind }) => kind === 'shift').date, '2026-09-20');
    await desk.desktop.picture('month.png');

    await page.click('holidays-import');
    await fill(page, 'notice-text', '{"year": 2027');
    await until('the reason why it cannot be read', async () => (await page.all('[data-testid="notice-text"][aria-invalid="true"]')).length > 0);
    await fill(page, 'notice-text', JSON.stringify(NOTICE));
    const plan = await (await page.byId('notice-plan')).text();
    assert.match(plan, /2027-10-07/);
    assert.match(plan, /2027-09-26/);
    await desk.desktop.picture('notice.png');
    await page.click('notice-add');
    await until('the dates of 2027', async () => (await page.all('[data-testid="special-days"] li')).length === NOTICE.days.length);
    assert.equal((await month(page, 2027, 10)).filter(({ kind }) => kind === 'holiday').length, 7);
    await saveRules(page, 'now');
    assert.equal((await versions(page)).length, 2, 'a version from now on, and the one before it');
    await desk.desktop.picture('versions.png');
    const { sets } = await desk.rpc('rules_get');
    for (const set of sets) assert.ok(set.calendars[CALENDAR].calendar.holidays.includes('2027-10-07'), 'a notice is a fact for every version');

    await page.click(`policy-${STANDARD}`);
    await fill(page, TARGET, '4x');
    await until('what is wrong with it', async () => (await page.all(`[data-testid="${TARGET}"][aria-invalid="true"]`)).length > 0);
    await page.byId('rules-problems');
    await desk.desktop.picture('invalid.png');
    await page.click('rules-review');
    assert.equal(await page.run("() => document.querySelector('[data-testid=\"rules-save\"]').disabled"), true);
    await until('the draft to be kept', async () => (await desk.rpc('rules_draft'))?.includes('4x'));
    await desk.restart();
    await openRules(desk.page);
    await desk.page.byId('rules-unsaved');
    await desk.page.click(`policy-${STANDARD}`);
    assert.equal(await valueOf(desk.page, TARGET), '4x');
    assert.deepEqual((await desk.rpc('rules_get')).sets, sets, 'the rules in force are as they were');
  });
});
