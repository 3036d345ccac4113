// What a person does with visits, in steps that the tests share. The site is in the city of one of the demo's centres.
import { until } from './processes.mjs';

const AROUND = 40 * 86_400_000;

/** Every visit that the desk knows around now. */
export const visitsOf = async (desk) => (await desk.rpc('visits', { from: Date.now() - AROUND, to: Date.now() + AROUND })).visits;
export const visitOf = (desk, key) => desk.rpc('visit_get', { key });

/** Waits until a visit is as it should be. */
export const untilVisit = (desk, key, what, holds, options) => until(what, async () => {
  const view = await visitOf(desk, key);
  return holds(view) ? view : null;
}, { timeoutMs: 40_000, ...options });

async function put(page, testId, text) {
  const field = await page.byId(testId);
  await field.retype(text);
}

/**
 * From the open ticket through the wizard to the last step; answers the slot that was chosen. `nth`: which of the free slots.
 */
export async function fillWizard(page, { city = '杭州', nth = 0, asset = 'SRV-0417', span = 'window-fortnight' } = {}) {
  await page.byId('visit-wizard');
  await put(page, 'site-name', `机房 ${asset}`);
  await put(page, 'site-address', '滨江区网商路 699 号');
  await put(page, 'site-city', city);
  await page.click('city-option');
  await put(page, 'contact-name', '周启明');
  await put(page, 'contact-phone', '+86 138 0000 2200');
  await put(page, 'wish-asset', asset);
  await page.click('wizard-next');
  await page.click(span);
  const option = await until('a free slot', async () => (await page.allById('slot-option'))[nth], { timeoutMs: 30_000 });
  const start = Number(await option.attribute('data-start'));
  await page.run("(start) => document.querySelector(`[data-testid='slot-option'][data-start='${start}']`).closest('label').click()", start);
  await page.click('wizard-next');
  await page.byId('wizard-summary');
  return start;
}

/** Sends what the wizard holds, and answers the new visit's key. */
export async function sendWizard(desk) {
  const before = new Set((await visitsOf(desk)).map((view) => view.key));
  await desk.page.click('wizard-next');
  await desk.page.gone('visit-wizard', { timeoutMs: 20_000 });
  return until('the visit', async () => (await visitsOf(desk)).find((view) => !before.has(view.key))?.key);
}

const days = (page) => page.run("() => [...document.querySelectorAll('[data-testid=calendar] [data-date]')].map((day) => day.dataset.date)");

/** Goes on from the week that is shown to that of an instant, in the time zone of the demo's centres. */
export async function showWeekOf(page, at) {
  const date = new Date(at + 8 * 3_600_000).toISOString().slice(0, 10);
  await until('the days of a week', async () => (await days(page)).length > 0);
  for (let seen = await days(page); !seen.includes(date); seen = await days(page)) {
    if (seen[0] > date) throw new Error(`${date} lies before the week of ${seen[0]}`);
    await page.click('visits-after');
    await until('another week', async () => (await days(page))[0] !== seen[0]);
  }
}

/** The calendar at the week of an instant, with the centre of a visit chosen. */
export async function showInCalendar(desk, view) {
  const { page } = desk;
  await page.click('nav-visits');
  if ((await page.allById('visit-back')).length > 0) await page.click('visit-back');
  await until('the centre', async () => {
    await page.run("(id) => document.querySelector(`[data-testid='visit-centre'][data-centre='${id}']`)?.click()", view.visit.centre_id);
    return page.run("(id) => document.querySelector(`[data-testid='visit-centre'][data-centre='${id}']`)?.getAttribute('aria-pressed') === 'true'", view.visit.centre_id);
  });
  await page.click('visits-today').catch(() => undefined);
  await showWeekOf(page, view.visit.slot.start);
  await until('the visit on the calendar', () => page.run("(key) => Boolean(document.querySelector(`[data-testid='visit-tile'][data-key='${key}']`))", view.key), { timeoutMs: 30_000 });
}
