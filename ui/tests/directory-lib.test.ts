import { describe, expect, test } from 'vitest';
import { centreDraft, centreOf, centreProblems, degreesOf, emptyCentre, emptyLine, lineDraft, lineOf, lineProblems, problemOf, together } from '../src/lib/directory/draft';
import { matchOf } from '../src/lib/directory/find';
import { hoursDraft, hoursOf, withDaysOf } from '../src/lib/directory/hours';
import { callLength, openingWords, reasonWords } from '../src/lib/directory/words';
import { distanceKm } from '../src/lib/geo';
import { l10n } from '../src/lib/l10n.svelte';
import { placeLabels, textWidth } from '../src/lib/map/labels';
import { fit, graticule, pan, project, SCALE_MAX, SCALE_MIN, towards, unproject, zoom } from '../src/lib/map/view';
import { centreEntry } from './directory';

const size = { width: 640, height: 320 };
const beijing = { latitude: 39.9075, longitude: 116.39723 };
const guangzhou = { latitude: 23.11667, longitude: 113.25 };

describe('distances', () => {
  test('are those of the ellipsoid: the example of GeographicLib, JFK to London Heathrow, 5551759.400 m', () => {
    expect(distanceKm({ latitude: 40.6, longitude: -73.8 }, { latitude: 51.6, longitude: -0.5 })).toBeCloseTo(5551.7594, 3);
  });

  test('are none from a place to itself, and end where the method does not settle', () => {
    expect(distanceKm(beijing, beijing)).toBe(0);
    expect(distanceKm({ latitude: 0, longitude: 0 }, { latitude: 0.5, longitude: 179.7 })).toBeGreaterThan(19_000);
  });
});

describe('a centre is found', () => {
  const hangzhou = centreEntry({ city_zh: '杭州', city_en: 'Hangzhou' }, { pinyin: 'hangzhou', initials: 'hz' });
  const xian = centreEntry({ city_zh: '西安', city_en: 'Xi’an' }, { pinyin: 'xian', initials: 'xa' });

  test.each([['hz', 0], ['hangzhou', 0], ['杭州', 0], ['杭', 1], ['HANG zhou', 0], ['ngzh', 2], ['gz', null], ['bei', null], ['', 0]])('by %s: %s', (query, match) => expect(matchOf(hangzhou, query)).toBe(match));
  test.each(["xi'an", 'Xi’an', 'xian', 'xa'])('whatever the marks: %s', (query) => expect(matchOf(xian, query)).toBe(0));
});

describe('the map', () => {
  test('has everything in sight when it begins, and turns pixels back into degrees', () => {
    const view = fit([beijing, guangzhou], size, 40);
    for (const place of [beijing, guangzhou]) {
      const at = project(view, size, place);
      expect(at.x).toBeGreaterThanOrEqual(39.9);
      expect(at.x).toBeLessThanOrEqual(600.1);
      expect(at.y).toBeGreaterThanOrEqual(39.9);
      expect(at.y).toBeLessThanOrEqual(280.1);
      expect(unproject(view, size, at).latitude).toBeCloseTo(place.latitude, 6);
    }
  });

  test('keeps under the pointer what was there, stays within its limits, and moves with the hand', () => {
    const view = fit([beijing, guangzhou], size, 40);
    const at = { x: 500, y: 60 };
    const before = unproject(view, size, at);
    const near = zoom(view, size, 3, at);
    expect(unproject(near, size, at).longitude).toBeCloseTo(before.longitude, 6);
    expect(unproject(near, size, at).latitude).toBeCloseTo(before.latitude, 6);
    expect(zoom(view, size, 1e9).scale).toBe(SCALE_MAX);
    expect(zoom(view, size, 1e-9).scale).toBe(SCALE_MIN);
    const moved = pan(view, 30, -20);
    expect(project(moved, size, beijing).x).toBeCloseTo(project(view, size, beijing).x + 30, 6);
    expect(project(moved, size, beijing).y).toBeCloseTo(project(view, size, beijing).y - 20, 6);
  });

  test('draws lines of the graticule that are neither crowded nor missing, at every scale', () => {
    for (const scale of [SCALE_MIN, 8, 40, 200, SCALE_MAX]) {
      const { meridians, parallels } = graticule({ latitude: 30, longitude: 110, scale }, size);
      for (const lines of [meridians, parallels]) {
        expect(lines.length).toBeGreaterThan(0);
        for (const [n, line] of lines.slice(1).entries()) expect(Math.abs(line.at - (lines[n]?.at ?? 0))).toBeGreaterThanOrEqual(51);
      }
    }
  });

  test('goes by arrow to the nearest centre in that direction, and nowhere where there is none', () => {
    const points = [{ key: 'north', at: { x: 100, y: 20 } }, { key: 'east', at: { x: 180, y: 110 } }, { key: 'far east', at: { x: 400, y: 100 } }];
    const from = { x: 100, y: 100 };
    expect(towards(points, from, { x: 1, y: 0 })).toBe('east');
    expect(towards(points, from, { x: 0, y: -1 })).toBe('north');
    expect(towards(points, from, { x: -1, y: 0 })).toBeNull();
  });

  test('names the first in any case and never two on one another', () => {
    const points = Array.from({ length: 40 }, (_, n) => ({ key: n, at: { x: 300 + (n % 8) * 14, y: 120 + Math.floor(n / 8) * 9 }, text: n % 2 ? '乌鲁木齐' : 'Ürümqi', radius: 4 }));
    const labels = placeLabels(points, size);
    expect(labels[0]?.key).toBe(0);
    expect(labels.length).toBeGreaterThan(3);
    const boxes = labels.map((one) => {
      const width = textWidth(one.text);
      const left = one.anchor === 'start' ? one.x : one.anchor === 'end' ? one.x - width : one.x - width / 2;
      return { left, right: left + width, top: one.y - 7, bottom: one.y + 7 };
    });
    for (const [n, a] of boxes.entries()) for (const b of boxes.slice(n + 1)) expect(a.right <= b.left || b.right <= a.left || a.bottom <= b.top || b.bottom <= a.top).toBe(true);
  });
});

describe('a line as it is edited', () => {
  test('comes back as it was', () => {
    const line = { ...emptyLine('2026-11-21'), remote_id: 'a', number: '400-6455-577', name_zh: '专家', hours: '7x24', source: 'x', ivr_path: [{ key: '2', label_zh: '服务器', label_en: '' }] };
    expect(lineOf(lineDraft(line))).toEqual(line);
    const office = { ...line, hours: '工作日', calendar: { tz: 'Asia/Shanghai', hours: { mon: [['09:00', '18:00'] as [string, string]] }, holidays: ['2026-10-01'], shifts: { '2026-10-10': [['09:00', '18:00'] as [string, string]] }, breaks: {} } };
    expect(lineOf(lineDraft(office))).toMatchObject({ hours: '工作日', calendar: { ...office.calendar, hours: { ...office.calendar.hours } } });
  });

  test('says which interval is wrong, where the core only knows that one is', () => {
    const draft = lineDraft({ ...emptyLine('2026-11-21'), calendar: { tz: 'Asia/Shanghai', hours: { mon: [['09:00', '12:00'], ['11:00', '18:00']] }, holidays: [], shifts: {}, breaks: {} } });
    const local = lineProblems(draft);
    expect(local).toEqual([{ place: 'calendar.hours.mon[1]', key: 'rules-wrong-span-overlap', args: {} }]);
    const found = [problemOf({ field: 'calendar', code: 'hours_invalid', args: {} }), problemOf({ field: 'number', code: 'value_missing', args: {} })];
    expect(together(local, found).map((one) => one.place)).toEqual(['calendar.hours.mon[1]', 'number']);
  });

  test('that never closes needs no week, and holidays of a calendar leave its week alone', () => {
    expect(hoursOf(hoursDraft('7x24', null))).toEqual({ hours: '7x24', calendar: null });
    const weekly = hoursDraft('', { tz: 'UTC', hours: { tue: [['08:00', '10:00']] }, holidays: [], shifts: {}, breaks: {} });
    const taken = hoursOf(withDaysOf(weekly, { tz: 'Asia/Shanghai', hours: { mon: [['09:00', '18:00']] }, holidays: ['2026-10-01'], shifts: {}, breaks: {} }));
    expect(taken.calendar).toMatchObject({ tz: 'Asia/Shanghai', holidays: ['2026-10-01'], hours: { mon: [], tue: [['08:00', '10:00']] } });
  });
});

describe('a centre as it is edited', () => {
  test.each([['30.29', 30.29], ['30.29°', 30.29], ['３０．２９', 30.29], ['-7', -7], ['', null], ['thirty', null], ['30,29', null]])('%s is %s degrees', (text, degrees) => expect(degreesOf(text)).toBe(degrees));

  test('without coordinates, or with a number that is none, says so beside the field', () => {
    const draft = centreDraft(emptyCentre('2026-11-21'));
    expect([draft.latitude, draft.longitude]).toEqual(['', '']);
    draft.rules.capacity = 'two';
    expect(centreProblems(draft).map((one) => one.place)).toEqual(['latitude', 'rules.capacity']);
    [draft.latitude, draft.longitude, draft.rules.capacity] = ['91', '120', '2'];
    expect(centreProblems(draft).map((one) => one.place)).toEqual(['latitude']);
    draft.latitude = '30.29';
    expect(centreProblems(draft)).toEqual([]);
    expect(centreOf(draft)).toMatchObject({ latitude: 30.29, longitude: 120, rules: { capacity: 2, slot_minutes: 120 } });
  });
});

describe('words', () => {
  test('say when a line is open, when it opens, and how long a call took', () => {
    l10n.use('en');
    const now = new Date(2026, 10, 21, 20, 0).getTime();
    expect(openingWords({ opening: 'open', opens_at: null, closes_at: null }, now)).toBe('Round the clock');
    expect(openingWords({ opening: 'open', opens_at: null, closes_at: now + 3_600_000 }, now)).toContain('21:00');
    expect(openingWords({ opening: 'closed', opens_at: new Date(2026, 10, 23, 9, 0).getTime(), closes_at: null }, now)).toMatch(/opens Mon 09:00/);
    expect(openingWords({ opening: 'unknown', opens_at: null, closes_at: null }, now)).toBe('Hours not known');
    expect([callLength({ started_at: 0, ended_at: null }, 67_000), callLength({ started_at: 0, ended_at: 3_753_000 }, 0)]).toEqual(['1:07', '1:02:33']);
  });

  test('give a reason with the language in words', () => {
    for (const language of ['en', 'zh-CN'] as const) {
      l10n.use(language);
      const said = reasonWords({ code: 'dialect', args: { language: 'yue' } });
      expect(said).toMatch(language === 'en' ? /Cantonese/ : /粤语/);
      expect(reasonWords({ code: 'open_alternative', args: { line_zh: '专家', line_en: 'Experts' } })).toContain(language === 'en' ? 'Experts' : '专家');
    }
  });
});
