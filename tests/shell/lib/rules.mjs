// Steps in Settings → Rules.
import { until } from './processes.mjs';

export const CALENDAR = 'business_cn';

export async function openRules(page) {
  await page.click('nav-settings');
  await page.click('settings-tab-rules');
  await until('the rules', async () => (await page.all('[data-rules-heading]')).length > 0);
  while ((await page.allById('rules-back')).length > 0) await page.click('rules-back');
  await page.byId('rule-versions');
}

/** The versions on the screen, newest first. */
export const versions = (page) => page.run("() => [...document.querySelectorAll('[data-testid=\"rule-versions\"] li')].map((line) => line.innerText)");

/** Once the dry run has counted: its figures, and its examples with the clock's name and both deadlines as the screen writes them. */
export async function dryRun(page) {
  await page.byId('dry-run', { timeoutMs: 40_000 });
  return page.run(`() => ({
    figures: [...document.querySelectorAll('[data-testid="dry-run"] dd')].map((figure) => Number(figure.innerText.replaceAll(/\\D/g, ''))),
    examples: [...document.querySelectorAll('[data-testid="settings-panel"] tbody tr')].map((row) => ({
      remoteId: row.querySelector('.ticket > .muted').innerText, metric: row.cells[1].innerText,
      deadlines: [...row.querySelectorAll('td.at')].map((cell) => cell.querySelector('[title]')?.title ?? null),
    })),
  })`);
}

export async function saveRules(page, when) {
  if ((await page.allById('rules-save')).length === 0) await page.click('rules-review');
  await page.click(`save-${when}`);
  await dryRun(page);
  await until('the save to be possible', async () => page.run("() => !document.querySelector('[data-testid=\"rules-save\"]').disabled"));
  await page.click('rules-save');
  await page.byId('rule-versions', { timeoutMs: 40_000 });
}

/** Turns the calendar's month to the one meant, and answers its days: what `title` says and what kind each is. */
export async function month(page, year, number) {
  const shown = () => page.run("() => document.querySelector('[data-testid=\"month-preview\"] td[title]')?.title.slice(0, 7)");
  const wanted = `${year}-${String(number).padStart(2, '0')}`;
  await until(`the month ${wanted}`, async () => {
    const now = await shown();
    if (!now || now === wanted) return now === wanted;
    await page.click(now > wanted ? 'month-previous' : 'month-next');
    await until('another month', async () => (await shown()) !== now);
    return false;
  }, { timeoutMs: 60_000 });
  return page.run("() => [...document.querySelectorAll('[data-testid=\"month-preview\"] td[title]')].map((day) => ({ date: day.title.slice(0, 10), kind: day.classList[0], title: day.title, text: day.innerText }))");
}
