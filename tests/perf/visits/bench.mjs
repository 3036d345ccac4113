// Frame rate of a week of 200 visits against an empty page, in one run in the real window. Prints a Markdown section.
// Both are scrolled by a few pixels each frame, so that each frame has something to draw; the turns alternate.
import path from 'node:path';
import { Deskbell } from '../../shell/lib/deskbell.mjs';
import { ROOT } from '../../shell/lib/desktop.mjs';
import { Hub } from '../../shell/lib/hub.mjs';
import { until } from '../../shell/lib/processes.mjs';
import { showWeekOf } from '../../shell/lib/visit.mjs';

const VISITS = Number(process.env.BENCH_VISITS ?? 200);
const TURNS = Number(process.env.BENCH_TURNS ?? 8);
const TURN_MS = Number(process.env.BENCH_TURN_MS ?? 4_000);
const DAY_MS = 86_400_000;
const log = (text) => process.stderr.write(`${text}\n`);
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Monday of the week after next, in the centres' zone. */
function monday() {
  const shanghai = new Date(Date.now() + 8 * 3_600_000);
  const days = 8 - (shanghai.getUTCDay() || 7) + 7;
  return Date.UTC(shanghai.getUTCFullYear(), shanghai.getUTCMonth(), shanghai.getUTCDate() + days) - 8 * 3_600_000;
}

/** Books slots of one week, centre after centre, as far as their capacities go, until there are enough. */
async function fill(hub, from) {
  const { centres } = await hub.ask('GET', 'centres');
  const { tickets } = await hub.ask('GET', 'tickets?limit=100');
  let made = 0;
  for (const centre of centres) {
    const id = centre.id ?? centre.remote_id;
    while (made < VISITS) {
      const asked = new URLSearchParams({ service: 'hardware_inspection', from: String(from), to: String(from + 7 * DAY_MS) });
      const { slots } = await hub.ask('GET', `centres/${id}/slots?${asked}`);
      if (slots.length === 0) break;
      for (const { start } of slots.slice(0, VISITS - made)) {
        const body = { ticket_id: tickets[made % tickets.length].id, service: 'hardware_inspection', site: { name: `机房 ${made}`, address: '路 1 号', city: '', country: 'CN' }, contact: { name: '周启明', role: '', phone: '+86 138 0000 2200', email: '' }, centre_id: id, start };
        if (await hub.ask('POST', 'visits', body).catch(() => null)) made += 1;
      }
    }
    if (made >= VISITS) return made;
  }
  throw new Error(`only ${made} visits fit into the week`);
}

const FRAMES = `async (empty, ms) => {
  const cover = document.createElement('div');
  cover.style.cssText = 'position:fixed;inset:0;z-index:999;overflow:auto;background:var(--bg)';
  cover.innerHTML = '<div style="height:4000px"></div>';
  if (empty) { document.getElementById('app').style.display = 'none'; document.body.append(cover); }
  const scroller = empty ? cover : document.querySelector('[data-testid="calendar"]');
  // Less high than the day, so that there is something to scroll.
  if (!empty) { scroller.style.flex = 'none'; scroller.style.height = '360px'; }
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  let frames = 0;
  let by = 4;
  let longest = 0;
  let last = performance.now();
  const begin = last;
  await new Promise((done) => {
    const step = (now) => {
      frames += 1;
      longest = Math.max(longest, now - last);
      last = now;
      const before = scroller.scrollTop;
      scroller.scrollTop = before + by;
      if (scroller.scrollTop === before) by = -by;
      if (now - begin < ms) requestAnimationFrame(step);
      else done();
    };
    requestAnimationFrame(step);
  });
  const rate = (frames * 1000) / (performance.now() - begin);
  if (empty) { cover.remove(); document.getElementById('app').style.display = ''; }
  else { scroller.style.flex = ''; scroller.style.height = ''; }
  return { rate, longest, tiles: document.querySelectorAll('[data-testid="visit-tile"]').length };
}`;

const desk = await Deskbell.open({ name: 'visits', out: path.join(ROOT, 'out/bench') });
const hub = await Hub.open(desk);
try {
  const from = monday();
  const made = await fill(hub, from);
  log(`${made} visits made for the week of ${new Date(from + 8 * 3_600_000).toISOString().slice(0, 10)}`);
  await hub.connect(desk);
  const known = async () => (await desk.rpc('visits', { from, to: from + 7 * DAY_MS })).visits.filter((view) => view.visit.slot).length;
  await until('the visits on the desk', async () => (await known()) >= made, { timeoutMs: 60_000 });
  const { page } = desk;
  await page.click('nav-visits');
  await page.byId('calendar');
  await page.click('centre-all');
  await showWeekOf(page, from);
  await until('the week', async () => (await page.allById('visit-tile')).length >= made, { timeoutMs: 30_000 });
  const rates = { empty: [], week: [] };
  let tiles = 0;
  for (let turn = 0; turn < TURNS; turn += 1) {
    for (const name of turn % 2 ? ['week', 'empty'] : ['empty', 'week']) {
      const seen = await page.runAsync(FRAMES, name === 'empty', TURN_MS);
      rates[name].push(seen.rate);
      if (name === 'week') tiles = seen.tiles;
      log(`turn ${turn + 1}/${TURNS} ${name}: ${seen.rate.toFixed(1)} frames/s, longest ${seen.longest.toFixed(0)} ms`);
    }
  }
  const [empty, week] = [median(rates.empty), median(rates.week)];
  console.log(`A week of ${tiles} visits in the real window against an empty page in the same window, both scrolled each frame; medians of ${TURNS} turns of ${TURN_MS / 1000} s.

| | empty page | week of ${tiles} visits | ratio | bar |
|---|---|---|---|---|
| frames a second | ${empty.toFixed(1)} | ${week.toFixed(1)} | ${(week / empty).toFixed(3)} | ≥ 0.95 |`);
} finally {
  await hub.close();
  await desk.close();
}
