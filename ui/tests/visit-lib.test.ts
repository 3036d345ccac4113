// Visits without a window: wall clocks, lanes, the calendar's columns, what arrows and drops mean, the words, the form.
import { beforeEach, describe, expect, test } from 'vitest';
import { l10n } from '../src/lib/l10n.svelte';
import { board, centreOf, clashes, inSight, rangeOf, shownDays, timeOf, unplaced, type Parts } from '../src/lib/visits/board';
import { closedSpans, hoursAround, place } from '../src/lib/visits/lanes';
import { nearest, step } from '../src/lib/visits/move';
import { DRAWING_CHARS_MAX, extend, strokeStart } from '../src/lib/visits/signature';
import { addDays, instant, knownZone, rangeName, spanName, wall, weekdayOf, weekOf, whenName } from '../src/lib/visits/wall';
import { blankWish, bookingOfWish, ofCustomer, readCoordinates, readDraft, requestOfWish, stepOf } from '../src/lib/visits/wish';
import { eventName, noSlotName, refusalWords, requestOf, timeName, whyNot } from '../src/lib/visits/words';
import { at, centre, HOUR, slot, view } from './visits';
import { ticketDetail } from './tickets';

const ZONE = 'Asia/Shanghai';
beforeEach(() => l10n.use('en'));

describe('a wall clock', () => {
  test('is read and set in any zone, whatever this computer goes by', () => {
    expect(wall(at(0, 9, 30), ZONE)).toEqual({ date: '2026-11-23', minute: 570 });
    expect(wall(at(0, 9, 30), 'UTC')).toEqual({ date: '2026-11-23', minute: 90 });
    expect(instant('2026-11-23', 570, ZONE)).toBe(at(0, 9, 30));
    expect(instant('2026-11-23', 24 * 60, ZONE)).toBe(at(1, 0));
  });

  test('survives the nights on which clocks change', () => {
    const berlin = (date: string, minute: number): string => new Date(instant(date, minute, 'Europe/Berlin')).toISOString();
    expect([berlin('2026-03-29', 60), berlin('2026-03-29', 180), berlin('2026-10-25', 60), berlin('2026-10-25', 240)]).toEqual(['2026-03-29T00:00:00.000Z', '2026-03-29T01:00:00.000Z', '2026-10-24T23:00:00.000Z', '2026-10-25T03:00:00.000Z']);
    // The hour that is left out: the same stretch later.
    expect(berlin('2026-03-29', 150)).toBe('2026-03-29T01:30:00.000Z');
  });

  test('of a zone that nobody knows is the default one', () => {
    expect([knownZone('Mars/Olympus'), knownZone(undefined), knownZone('Asia/Tokyo')]).toEqual([ZONE, ZONE, 'Asia/Tokyo']);
  });

  test('weeks begin on Monday, over months and years', () => {
    expect(weekOf('2027-01-01')).toEqual(['2026-12-28', '2026-12-29', '2026-12-30', '2026-12-31', '2027-01-01', '2027-01-02', '2027-01-03']);
    expect([addDays('2026-02-28', 1), addDays('2026-03-01', -1), weekdayOf('2026-11-22'), weekdayOf('2026-11-23')]).toEqual(['2026-03-01', '2026-02-28', 7, 1]);
  });

  test('is said in both languages', () => {
    expect([whenName(at(0, 9), at(0, 11), ZONE), spanName(at(0, 9), at(0, 11), ZONE), rangeName('2026-11-23', '2026-11-27'), rangeName('2026-11-30', '2026-12-04')]).toEqual(['Nov 23 Mon 09:00–11:00', '09:00–11:00', 'Nov 23 – 27', 'Nov 30 – Dec 4']);
    l10n.use('zh-CN');
    expect([whenName(at(0, 9), null, ZONE), rangeName('2026-11-23', '2026-11-27')]).toEqual(['11月23日 周一 09:00', '11月23日 – 27日']);
  });
});

describe('lanes', () => {
  const lanes = (...spans: [number, number][]): string[] => place(spans.map(([from, to]) => ({ from, to }))).map(({ item, lane, lanes: all }) => `${item.from}-${item.to} ${lane}/${all}`);

  test('what does not meet has the whole width', () => {
    expect(lanes([540, 660], [660, 780])).toEqual(['540-660 0/1', '660-780 0/1']);
  });

  test('what meets shares it, and a lane that is free again is used again', () => {
    expect(lanes([540, 660], [600, 720], [660, 780])).toEqual(['540-660 0/2', '600-720 1/2', '660-780 0/2']);
    expect(lanes([540, 600], [540, 780])).toEqual(['540-780 0/2', '540-600 1/2']);
  });

  test('closed hours are what open hours leave, and the day is as long as it must be', () => {
    expect(closedSpans([{ from: 540, to: 720 }, { from: 780, to: 1080 }], 480, 1140)).toEqual([{ from: 480, to: 540 }, { from: 720, to: 780 }, { from: 1080, to: 1140 }]);
    expect(closedSpans([], 0, 1440)).toEqual([{ from: 0, to: 1440 }]);
    expect(hoursAround([{ from: 430, to: 500 }, { from: 900, to: 1290 }], { from: 480, to: 1140 })).toEqual({ from: 420, to: 1320 });
  });
});

describe('moving', () => {
  const slots = [{ column: 0, from: 540 }, { column: 0, from: 660 }, { column: 2, from: 600 }, { column: 4, from: 900 }];
  const [a, b, c, d] = slots;

  test('a drop means the nearest slot of its day, and none where that day has none', () => {
    expect([nearest(slots, 0, 590), nearest(slots, 0, 610), nearest(slots, 1, 600)]).toEqual([a, b, null]);
  });

  test('arrows go through the days that have slots, and stay at the ends', () => {
    expect([step(slots, null, 'ArrowDown'), step(slots, null, 'ArrowUp'), step(slots, a ?? null, 'ArrowDown'), step(slots, b ?? null, 'ArrowDown'), step(slots, d ?? null, 'ArrowDown')]).toEqual([a, d, b, c, d]);
    expect([step(slots, b ?? null, 'ArrowRight'), step(slots, c ?? null, 'ArrowRight'), step(slots, c ?? null, 'ArrowLeft'), step(slots, a ?? null, 'ArrowLeft')]).toEqual([c, d, a, a]);
    expect([step(slots, c ?? null, 'Home'), step(slots, a ?? null, 'End'), step(slots, a ?? null, 'x')]).toEqual([a, d, null]);
  });
});

describe('the board', () => {
  const open = new Map([['2026-11-23', [{ from: 540, to: 1080 }]], ['2026-11-29', []]]);
  const parts = (more: Partial<Parts> = {}): Parts => ({ views: [view('v1')], slots: [], date: '2026-11-25', mode: 'week', zone: ZONE, engineer: null, engineers: centre().engineers, open, ...more });
  const names = (more: Partial<Parts> = {}): string[][] => board(parts(more)).columns.map((column) => column.items.map(({ item }) => `${item.kind} ${item.from}`));

  test('a week is five days, and as much of the weekend as has work', () => {
    expect(shownDays(parts()).length).toBe(5);
    const saturday = view('v2', { visit: { slot: slot(at(5, 10)) } });
    expect(shownDays(parts({ views: [saturday] }))).toHaveLength(6);
    expect(shownDays(parts({ open: new Map([['2026-11-29', [{ from: 540, to: 1080 }]]]) }))).toHaveLength(7);
    expect(shownDays(parts({ views: [view('v3', { visit: { slot: slot(at(5, 10)), state: 'cancelled' } })] }))).toHaveLength(5);
  });

  test('shows visits in the zone of the centre, and shades what is closed', () => {
    const { columns } = board(parts());
    expect(columns[0]?.items.map(({ item }) => [item.key, item.from, item.to])).toEqual([['v1', 540, 660]]);
    expect(columns[0]?.closed).toEqual([{ from: 0, to: 540 }, { from: 1080, to: 1440 }]);
    // Nobody knows of the other days.
    expect(columns[1]?.closed).toEqual([]);
    expect(board(parts({ zone: 'UTC' })).columns[0]?.items[0]?.item.from).toBe(60);
  });

  test('one over midnight stands on both days', () => {
    const night = view('n', { visit: { slot: { ...slot(at(0, 23)), end: at(1, 1) } } });
    expect(names({ views: [night] }).slice(0, 2)).toEqual([['visit 1380'], ['visit 0']]);
  });

  test('offers slots where nothing stands, and every slot while a visit is moved', () => {
    const slots = [slot(at(0, 10)), slot(at(0, 13)), slot(at(1, 9))];
    expect(names({ slots }).slice(0, 2)).toEqual([['visit 540', 'slot 780'], ['slot 540']]);
    expect(names({ slots, moving: 'v1' }).slice(0, 2)).toEqual([['visit 540', 'slot 600', 'slot 780'], ['slot 540']]);
  });

  test('a day has a column for each engineer, and one for visits of nobody known', () => {
    const other = view('v2', { visit: { engineer_id: null, slot: slot(at(0, 13)) } });
    const { columns } = board(parts({ mode: 'day', date: '2026-11-23', views: [view('v1'), other], slots: [slot(at(0, 15), { engineer_ids: ['li'] })] }));
    expect(columns.map((one) => [one.engineer, one.items.map(({ item }) => item.kind).join()])).toEqual([['wang', 'visit'], ['li', 'slot'], ['', 'visit']]);
    expect(board(parts({ engineer: 'li' })).columns.flatMap((one) => one.items)).toEqual([]);
  });

  test('one that nobody confirmed stands where it was asked for; without a time it waits beside', () => {
    const asked = view('a', { visit: { slot: null, state: 'requested' } });
    const anywhere = view('b', { visit: { slot: null, state: 'requested', history: [] } });
    expect(timeOf(asked)).toEqual({ start: at(0, 9), end: at(0, 11), asked: true });
    expect([timeOf(anywhere), unplaced([asked, anywhere]).map((one) => one.key)]).toEqual([null, ['b']]);
    expect([inSight(asked, { from: at(0, 0), to: at(1, 0) }), inSight(asked, { from: at(1, 0), to: at(2, 0) }), inSight(anywhere, { from: at(5, 0), to: at(6, 0) })]).toEqual([true, false, true]);
  });

  test('tells of two visits of one engineer at one time, not of two engineers', () => {
    const over = { slot: slot(at(0, 10)) };
    expect([...clashes([view('a'), view('b', { visit: over })])].toSorted()).toEqual(['a', 'b']);
    expect([...clashes([view('a'), view('b', { visit: { ...over, engineer_id: 'li' } }), view('c', { visit: { ...over, state: 'cancelled' } }), view('d', { visit: { slot: slot(at(0, 11)) } })])]).toEqual([]);
  });

  test('names its stretch and its centres', () => {
    expect([rangeOf('2026-11-25', 'day', []), rangeOf('2026-11-25', 'week', ['2026-11-23', '2026-11-27'])]).toEqual([{ from: '2026-11-25', to: '2026-11-25' }, { from: '2026-11-23', to: '2026-11-27' }]);
    expect([centreOf(view('a')), centreOf(view('a', { visit: { centre_id: '' } }))]).toEqual(['1:hangzhou', '']);
  });
});

describe('words', () => {
  test('why a visit stays, and whom to call instead', () => {
    const late = view('a', { can: ['edit'], cutoff_at: at(0, 5) });
    expect(whyNot(late, at(0, 6))).toBe('Hangzhou service centre takes no changes from 4 h before the visit; that was Nov 23 Mon 05:00. Call Hangzhou service centre: Duty desk, +86 571 0000 0001.');
    expect(whyNot(view('a', { cutoff_at: at(0, 5), centre: centre({ contacts: [] }) }), at(0, 6))).toContain('Contact Hangzhou service centre directly.');
    expect(whyNot(view('a', { visit: { state: 'done' }, cutoff_at: null }), at(0, 6))).toBe('Done: it stays as it is.');
    expect(whyNot(view('a', { ticket: null }), at(0, 6))).toContain('not on this computer');
  });

  test('a time, a wish, or neither', () => {
    expect(timeName(view('a'))).toBe('Nov 23 Mon 09:00–11:00');
    expect(timeName(view('a', { visit: { slot: null, state: 'waitlisted', history: [] } }))).toBe('Nov 23 Mon 00:00 to Nov 25 Wed 00:00');
    expect(timeName(view('a', { visit: { slot: null, state: 'waitlisted', history: [], window: null } }))).toBe('No time yet');
  });

  test('reasons and refusals read instants in the zone of the centre', () => {
    expect(noSlotName({ code: 'notice', args: { earliest: '2026-11-23T05:00:00Z', minutes: '240' } }, ZONE)).toBe('It needs notice: Nov 23 Mon 13:00 at the earliest');
    expect(refusalWords({ code: 'slot_taken', detail: 'http 409', args: {}, reasons: [], alternatives: [] }, ZONE).what).toContain('took this slot');
    expect(eventName({ at: 0, kind: 'rescheduled', actor: '', detail: '', start: at(1, 13) }, ZONE)).toBe('Moved to Nov 24 Tue 13:00');
    expect(eventName({ at: 0, kind: 'confirmed', actor: '', detail: '', start: null }, ZONE)).toBe('Confirmed');
  });

  test('what was asked for can be asked for again elsewhere', () => {
    const again = requestOf(view('a').visit, 'shanghai');
    expect([again.centre, again.service, again.site.name, again.contact.phone, again.window]).toEqual(['shanghai', 'hardware_inspection', 'Room B', '138', { from: at(0, 0), to: at(2, 0) }]);
  });
});

describe('the form', () => {
  test('coordinates are read as people write them, and nothing else is', () => {
    for (const text of ['30.25, 120.16', '30.25 120.16', '30.25，120.16', '30.25°N, 120.16°E', ' ３０.２５, １２０.１６ ']) expect([text, readCoordinates(text)]).toEqual([text, { latitude: 30.25, longitude: 120.16 }]);
    for (const text of ['', 'Hangzhou', '120', '91, 10', '10, 181', '0, 0', '1,2,3']) expect([text, readCoordinates(text)]).toEqual([text, null]);
  });

  test('makes a request, or none while a time cannot be read', () => {
    const wish = { ...blankWish(at(0, 9)), centre: 'hangzhou', start: at(0, 13), coordinates: '30.2, 120.2', waitlist: true };
    const request = requestOfWish(wish, 'T-1');
    expect([request?.site.latitude, request?.centre, request?.ticket_remote_id, (request?.window.to ?? 0) - (request?.window.from ?? 0)]).toEqual([30.2, 'hangzhou', 'T-1', 48 * HOUR]);
    expect(bookingOfWish(wish)).toMatchObject({ start: at(0, 13), waitlist: true });
    expect(requestOfWish({ ...wish, to: { date: '2026-02-30', time: '09:00' } }, 'T-1')).toBeNull();
    expect(requestOfWish({ ...wish, centre: '' }, 'T-1')?.centre).toBeNull();
  });

  test('comes back from a draft, from a request that was taken back, and from nothing', () => {
    const wish = { ...blankWish(0), asset: 'SRV-1' };
    expect(readDraft({ step: 'time', wish: structuredClone(wish) }, 5)).toMatchObject({ step: 'time', wish: { asset: 'SRV-1' } });
    const { visit } = view('a');
    const request = requestOf(visit, 'hangzhou');
    expect(readDraft({ request, booking: { hold_id: null, start: at(0, 9), engineer_id: null, languages: ['en'], waitlist: false } }, 5)).toMatchObject({ step: 'site', wish: { centre: 'hangzhou', start: at(0, 9), languages: ['en'], site: { name: 'Room B' }, coordinates: '30.2000, 120.2000' } });
    expect([readDraft({}, 5), readDraft({ wish: 7 }, 5), readDraft({ request: {} }, 5), readDraft({ wish: { service: 'x' } }, 5)]).toEqual([null, null, null, null]);
    // Of an older version: what it lacks is as in an empty form.
    const { note: _, ...older } = wish;
    expect(readDraft({ wish: older }, 5)?.wish.note).toBe('');
  });

  test('begins with what is known of the customer, and knows where a problem is mended', () => {
    const wish = ofCustomer(blankWish(0), { ...ticketDetail(), requester: 'zhou@example.com' });
    expect([wish.site.name, wish.contact.email, wish.contact.name]).toEqual(['华东支付', 'zhou@example.com', '']);
    const where = (field: string): string => stepOf({ field, code: 'value_missing', args: {} });
    expect([where('window'), where('service'), where('site.address'), where('contact.phone'), where('asset')]).toEqual(['time', 'time', 'site', 'site', 'site']);
  });

  test('a signature is whole strokes on the pad, and no longer than it may be', () => {
    const dot = strokeStart(null, { x: 10.4, y: -3 });
    expect([dot, extend(dot, { x: 11, y: 0 }), extend(dot, { x: 30, y: 20 }), strokeStart('M1 2L3 4', { x: 999, y: 999 })]).toEqual(['M10 0h0', 'M10 0h0', 'M10 0L30 20', 'M1 2L3 4M480 150h0']);
    expect(DRAWING_CHARS_MAX).toBe(100_000);
  });
});

test('a crowd of one time becomes a list where there is no room side by side; others keep their places', () => {
  const many = Array.from({ length: 6 }, (_, n) => view(`m${n}`, { visit: { engineer_id: `e${n}` } }));
  const other = view('o', { visit: { slot: slot(at(1, 9)) } });
  const kinds = (lanesMax: number): string[][] => board({ views: [...many, other], slots: [], date: '2026-11-23', mode: 'week', zone: ZONE, engineer: null, engineers: [], open: new Map(), lanesMax }).columns.map((column) => column.items.map(({ item, lanes }) => `${item.kind} ${item.kind === 'stack' ? item.visits.length : 1} of ${lanes}`));
  expect(kinds(2).slice(0, 2)).toEqual([['stack 6 of 1'], ['visit 1 of 1']]);
  expect(kinds(6)[0]).toHaveLength(6);
});
