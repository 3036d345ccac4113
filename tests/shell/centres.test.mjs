// Service centres in the real window: found by city and pinyin, on the map by keyboard, with distances and days.
import assert from 'node:assert/strict';
import test from 'node:test';
import { axeFindings } from './lib/axe.mjs';
import { withDesk } from './lib/deskbell.mjs';
import { until } from './lib/processes.mjs';
import { fillWizard, sendWizard, untilVisit } from './lib/visit.mjs';
import { resize } from './lib/window.mjs';

const rows = (page) => page.run("() => [...document.querySelectorAll('[data-testid=centre-row]')].map((row) => ({ key: row.dataset.key, text: row.innerText }))");
const chosen = (page) => page.run("() => document.querySelector('[data-testid=map-dot][aria-selected=true]')?.getAttribute('aria-label') ?? ''");
const map = (page) => page.run("() => { const { scale, longitude } = document.querySelector('[data-testid=centre-map]').dataset; return { scale: Number(scale), longitude: Number(longitude) }; }");

async function openCentres(desk) {
  await desk.startDemo();
  await desk.page.click('nav-centres');
  return until('28 centres', async () => { const all = await rows(desk.page); return all.length === 28 && all; });
}

async function find(page, query, count) {
  await (await page.byId('centre-query')).retype(query);
  return until(`${count} for ${query}`, async () => { const found = await rows(page); return found.length === count && found; });
}

test('a city is found by its name, its pinyin and its initials, and by what its centre does', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'centres-find' }, async (desk) => {
    const { page } = desk;
    await openCentres(desk);
    for (const query of ['hz', 'hangzhou', '杭州']) assert.match((await find(page, query, 1))[0].text, /杭州|Hangzhou/, query);
    await (await page.byId('centre-row')).click();
    await page.byId('centre-card');
    assert.equal((await page.all('[data-testid="open-days"] li')).length, 14);
    await desk.desktop.picture('hangzhou.png');
    await (await page.byId('centre-query')).retype('nowhere');
    await page.click('centres-clear');
    await until('all of them again', async () => (await rows(page)).length === 28);

    await page.click('site-pick');
    await (await page.byId('site-query')).type('sh');
    await page.see('[data-testid="site-place"]');
    await page.press('Enter');
    const near = await until('the nearest first', async () => { const all = await rows(page); return /上海|Shanghai/.test(all[0].text) && all; });
    assert.match(near[0].text, /\b0\b/);
    const km = near.map(({ text }) => Number(text.match(/([\d,.]+)\s*(?:公里|km)/)[1].replace(',', '')));
    assert.deepEqual(km, km.toSorted((a, b) => a - b));
    await desk.desktop.picture('from-shanghai.png');
    await page.click('site-clear');
  });
});

test('the map goes by keyboard: from centre to centre, nearer, aside, and back to all of it', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'centres-map' }, async (desk) => {
    const { page } = desk;
    await openCentres(desk);
    await find(page, 'wuhan', 1);
    await (await page.byId('centre-row')).click();
    await (await page.byId('centre-query')).retype(' ');
    await until('all of them', async () => (await rows(page)).length === 28);
    assert.match(await chosen(page), /武汉|Wuhan/);
    await page.run("() => document.querySelector('[data-testid=centre-map]').focus()");
    const first = await map(page);
    await page.press('ArrowDown');
    assert.match(await until('another centre', async () => !/武汉|Wuhan/.test(await chosen(page)) && chosen(page)), /长沙|Changsha/, 'the next one to the south');
    assert.match(await (await page.byId('centre-card')).text(), /长沙|Changsha/, 'and it is looked at');
    await page.press('+');
    await until('the map to be nearer', async () => (await map(page)).scale > first.scale * 1.4);
    await page.press('Shift+ArrowRight');
    await until('the map to be moved', async () => (await map(page)).longitude > first.longitude);
    await desk.desktop.picture('near.png');
    await page.press('0');
    await until('all of it', async () => Math.abs((await map(page)).scale - first.scale) < 0.01);
    assert.equal(await page.run("() => document.querySelector('[data-testid=centre-map]').getAttribute('aria-activedescendant') === document.querySelector('[data-testid=map-dot][aria-selected=true]').id"), true, 'a screen reader hears which one');
  });
});

test('a visit is booked at the centre that was clicked on the map', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'centres-book' }, async (desk) => {
    const { page } = desk;
    await openCentres(desk);
    await desk.setSettings({ undo_s: 0 });
    const { centre, key } = (await desk.rpc('directory')).centres.find((entry) => entry.centre.city_en === 'Hangzhou');
    const filter = { accounts: [], statuses: [], priorities: [], products: [], customers: [], vip: null, unfinished: true, breached: false };
    const { rows: [ticket] } = await desk.rpc('ticket_rows', { filter, order: 'deadline', start: 0, limit: 1 });
    // The dot that was chosen before is another one.
    await find(page, 'wuhan', 1);
    await (await page.byId('centre-row')).click();
    await (await page.byId('centre-query')).retype(' ');
    await until('another centre', async () => /武汉|Wuhan/.test(await chosen(page)));
    await page.stroke(await page.see(`[data-testid="map-dot"][data-key="${key}"] circle`), [[0.5, 0.5]]);
    await until('Hangzhou on the card', async () => /杭州|Hangzhou/.test(await chosen(page)) && /杭州|Hangzhou/.test(await (await page.byId('centre-card')).text()));
    await page.click('centre-book');
    await page.byId('visit-wizard');
    // Its name comes with the directory, a moment after the form.
    await until('where it is to be said', async () => /杭州|Hangzhou/.test(await (await page.byId('wizard-at')).text()));
    await desk.desktop.picture('book.png');
    await (await page.byId('wizard-find')).type(ticket.remote_id);
    await until('the ticket that was looked for', () => page.run("(id) => { const found = [...document.querySelectorAll('[data-testid=wizard-ticket]')]; return found.length > 0 && found[0].innerText.includes(`#${id} `); }", ticket.remote_id));
    await page.click('wizard-ticket');
    await page.byId('site-name');
    const start = await fillWizard(page, { asset: 'SRV-MAP' });
    assert.match(await (await page.byId('wizard-summary')).text(), /杭州|Hangzhou/);
    await desk.desktop.picture('summary.png');
    const key2 = await sendWizard(desk);
    const visit = await untilVisit(desk, key2, 'the visit at that centre', (view) => view.visit.state === 'confirmed' && view.pending.length === 0);
    assert.deepEqual([visit.visit.centre_id, visit.visit.slot.start, visit.visit.asset, visit.ticket], [centre.remote_id, start, 'SRV-MAP', ticket.id]);
  });
});

test('a centre without coordinates is explained, its city fills them in, and the new centre is on the map', { timeout: 240_000 }, async () => {
  await withDesk({ name: 'centres-editor' }, async (desk) => {
    const { page } = desk;
    await openCentres(desk);
    await page.click('centre-add');
    await (await page.byId('centre-city-zh')).type('杭州');
    await page.click('editor-keep');
    await until('the reason', async () => (await page.all('[data-testid="centre-latitude"][aria-invalid="true"]')).length === 1);
    assert.match(await (await page.byId('entry-editor')).text(), /缺少位置|place is missing/);
    assert.equal((await desk.rpc('directory')).centres.length, 28, 'nothing was saved');
    await desk.desktop.picture('no-coordinates.png');
    await page.click('centre-place');
    await until('the coordinates', async () => Number(await page.run("() => document.querySelector('[data-testid=centre-latitude]').value")) > 30);
    await (await page.see('[data-testid="hours-kind"] label')).click();
    await (await page.byId('entry-source')).type('合同附件 3');
    await (await page.byId('centre-rule-capacity')).retype('two');
    await page.click('editor-keep');
    await until('the number that is none', async () => (await page.all('[data-testid="centre-rule-capacity"][aria-invalid="true"]')).length === 1);
    await (await page.byId('centre-rule-capacity')).retype('2');
    await page.click('editor-keep');
    await page.gone('entry-editor');
    await until('29 centres', async () => (await rows(page)).length === 29);
    const own = (await desk.rpc('directory')).centres.find(({ origin }) => origin === 'own');
    assert.deepEqual([own.centre.city_zh, own.centre.rules.capacity, own.centre.hours], ['杭州', 2, '7x24']);
    assert.equal(await page.run('(key) => document.querySelector(`[data-testid=map-dot][data-key="${key}"]`)?.getAttribute("aria-selected")', own.key), 'true');
    await page.click('entry-remove');
    await until('28 again', async () => (await rows(page)).length === 28);
    // An alert may be told beside it, with an action of its own.
    const undo = await until('what takes it back', async () => {
      for (const action of await page.allById('toast-action')) if (/撤销|Undo/.test(await action.text())) return action;
      return null;
    });
    await undo.click();
    await until('and back', async () => (await rows(page)).length === 29);
  });
});

test('the screen is clean for axe in both themes and languages, and fits both windows', { timeout: 300_000 }, async () => {
  await withDesk({ name: 'centres-look', screen: '1920x1080' }, async (desk) => {
    const { page } = desk;
    await openCentres(desk);
    await find(page, 'hangzhou', 1);
    await (await page.byId('centre-row')).click();
    await (await page.byId('centre-query')).retype(' ');
    const findings = {};
    for (const [theme, language, width, height] of [['light', 'zh-CN', 1280, 800], ['dark', 'en', 1280, 800], ['light', 'en', 1900, 1040], ['dark', 'zh-CN', 1900, 1040]]) {
      await resize(desk, width, height);
      await desk.setSettings({ theme, language });
      await until(`the ${theme} theme in ${language}`, () => page.run('(theme, language) => getComputedStyle(document.documentElement).colorScheme === theme && document.documentElement.lang === language', theme, language));
      const name = `${theme}-${language}-${width}`;
      const judge = async (part) => {
        const found = await axeFindings(page);
        if (found.length > 0) findings[`${part}-${name}`] = found;
        await desk.desktop.picture(`${part}-${name}.png`);
      };
      await judge('centres');
      assert.equal(await page.run('() => document.documentElement.scrollWidth <= innerWidth'), true, 'nothing is cut off at the side');
      await page.click('entry-edit');
      await judge('editor');
      await page.click('editor-back');
    }
    assert.deepEqual(findings, {});
  });
});
