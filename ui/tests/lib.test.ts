import { afterAll, describe, expect, test } from 'vitest';
import type { ClockView, Watch } from '../src/api/generated';
import { bodyParts, frameDocument } from '../src/lib/body';
import { bar } from '../src/lib/clockbar';
import { countdownParts, tone } from '../src/lib/countdown';
import { nearest, stack } from '../src/lib/horizon';
import { composing, matches, onEnter, parseCombo } from '../src/lib/keys';
import { l10n } from '../src/lib/l10n.svelte';
import { newMarker } from '../src/lib/marker';
import { PageCache } from '../src/lib/pages';
import { strength } from '../src/lib/passphrase';
import { countdown, length, momentWithTime, relative } from '../src/lib/time';
import { nextBoundary } from '../src/state/watch.svelte';

const MINUTE = 60_000;
afterAll(() => l10n.use('zh-CN'));

describe('countdown', () => {
  test.each([
    [252_000, '04:12'], [251_001, '04:12'], [251_000, '04:11'], [1, '00:01'], [0, '00:00'], [-1, '−00:00'], [-1000, '−00:01'], [-728_000, '−12:08'], [59 * MINUTE + 59_999, '1:00h'], [65 * MINUTE, '1:05h'], [-90 * MINUTE, '−1:30h'],
  ])('%i ms reads %s', (left, text) => {
    l10n.use('en');
    expect(countdown(left)).toBe(text);
  });

  test('days carry words of the language', () => {
    l10n.use('en');
    expect(countdown(28 * 60 * MINUTE)).toBe('1d 4h');
    l10n.use('zh-CN');
    expect(countdown(28 * 60 * MINUTE)).toBe('1天4时');
  });

  test('colour follows the time left', () => {
    expect([-1, 0, 15 * MINUTE - 1, 15 * MINUTE, 60 * MINUTE].map(tone)).toEqual(['breached', 'imminent', 'imminent', 'soon', 'later']);
  });

  test('no part ever shows sixty', () => {
    for (let left = -7_300_000; left < 7_300_000; left += 499) {
      const parts = countdownParts(left);
      if (parts.unit === 'minutes') expect(Number(parts.seconds)).toBeLessThan(60);
      if (parts.unit !== 'days') expect(Number(parts.minutes)).toBeLessThan(60);
    }
  });
});

test('times read in both languages', () => {
  const now = new Date(2026, 10, 21, 14, 2).getTime();
  l10n.use('en');
  expect(length(112 * MINUTE)).toBe('1 h 52 min');
  expect(relative(now - 22 * MINUTE, now)).toBe('22 min ago');
  expect(relative(now + 5_000, now)).toBe('in a moment');
  expect(momentWithTime(now + 24 * 60 * MINUTE, now)).toBe('Tomorrow 14:02');
  l10n.use('zh-CN');
  expect(length(112 * MINUTE)).toBe('1 时 52 分');
  expect(relative(now - 22 * MINUTE, now)).toBe('22 分前');
});

describe('an input method owns its keys', () => {
  const key = (init: KeyboardEventInit & { keyCode?: number }): KeyboardEvent => new KeyboardEvent('keydown', init);

  test('while composing, and on engines that only say 229', () => {
    expect(composing(key({ key: 'Enter', isComposing: true }))).toBe(true);
    expect(composing(key({ key: 'Enter', keyCode: 229 }))).toBe(true);
    expect(composing(key({ key: 'Enter' }))).toBe(false);
  });

  test('so neither a shortcut nor Enter fires', () => {
    expect(matches(key({ key: 'j', isComposing: true }), parseCombo('j'))).toBe(false);
    expect(matches(key({ key: 'j' }), parseCombo('j'))).toBe(true);
    let ran = 0;
    const handler = onEnter(() => (ran += 1));
    handler(key({ key: 'Enter', keyCode: 229 }));
    handler(key({ key: 'Enter', isComposing: true }));
    expect(ran).toBe(0);
    handler(key({ key: 'Enter' }));
    expect(ran).toBe(1);
  });
});

describe('shortcuts', () => {
  test.each([
    ['Ctrl+k', { key: 'k', ctrlKey: true }, true], ['Ctrl+k', { key: 'K', metaKey: true }, true], ['Ctrl+k', { key: 'k' }, false], ['?', { key: '?', shiftKey: true }, true], ['/', { key: '/' }, true], ['j', { key: 'j', ctrlKey: true }, false], ['j', { key: 'J', shiftKey: true }, false], ['Ctrl+Shift+l', { key: 'L', ctrlKey: true, shiftKey: true }, true], ['Ctrl+,', { key: ',', ctrlKey: true }, true],
  ])('%s', (combo, init, expected) => {
    expect(matches(new KeyboardEvent('keydown', init), parseCombo(combo))).toBe(expected);
  });
});

describe('a text body', () => {
  test('keeps fenced and indented code apart from prose', () => {
    expect(bodyParts('看日志：\n\n    a  b\n\n    c\n\n谢谢\n```sh\nls   -l\n```\n完')).toEqual([
      { kind: 'prose', text: '看日志：' }, { kind: 'code', text: 'a  b\n\nc' }, { kind: 'prose', text: '谢谢' }, { kind: 'code', text: 'ls   -l' }, { kind: 'prose', text: '完' },
    ]);
  });

  test('loses nothing when a fence is never closed', () => {
    expect(bodyParts('a\n```\nb')).toEqual([{ kind: 'prose', text: 'a' }, { kind: 'code', text: 'b' }]);
  });

  test('an html body is framed without script or network', () => {
    const made = frameDocument('<p>hi</p>', { ink: '#000', link: '#00f', font: '"A", sans-serif' });
    expect(made).toContain("default-src 'none'");
    expect(made).not.toContain('script-src');
  });
});

describe('the horizon', () => {
  const day = 86_400_000;
  const place = (list: number[]) => stack(list, (at) => at, 0, day, 1440, 5);

  test('gives ticks that would touch different heights', () => {
    const placed = place([0, MINUTE, 2 * MINUTE, 100 * MINUTE]);
    expect(placed.map((tick) => tick.level)).toEqual([0, 1, 2, 0]);
  });

  test('leaves out what lies outside and keeps the order of time', () => {
    expect(place([day + 1, 5, -1, 3]).map((tick) => tick.item)).toEqual([3, 5]);
  });

  test('never runs out of heights', () => {
    const levels = place(Array.from({ length: 200 }, (_, i) => i * 1000)).map((tick) => tick.level);
    expect(Math.max(...levels)).toBeLessThan(5);
  });

  test('the pointer finds the nearest tick within reach', () => {
    const placed = place([0, 100 * MINUTE]);
    expect([nearest(placed, 8, 14), nearest(placed, 60, 14), nearest(placed, 97, 14)]).toEqual([0, -1, 1]);
  });
});

describe('a clock as a bar', () => {
  const clock: ClockView = { metric: 'resolution', instance: 0, state: 'running', started_at: 0, deadline_at: 100 * MINUTE, stopped_at: null, paused_since: null, target_minutes: 90, target_text_days: null, share: 0, provisional: false, pauses: [{ from: 10 * MINUTE, to: 20 * MINUTE }], thresholds: [0.5, 0.9, 1], why: null };

  test('fills with time, hatches its pauses, turns amber and red at the deadline', () => {
    expect(bar(clock, 50 * MINUTE)).toMatchObject({ state: 'running', fill: 0.5, pauses: [{ left: 0.1, width: 0.1 }], thresholds: [0.5, 0.9] });
    expect(bar(clock, 86 * MINUTE).state).toBe('imminent');
    expect(bar(clock, 100 * MINUTE).state).toBe('imminent');
    expect(bar(clock, 100 * MINUTE + 1)).toMatchObject({ state: 'breached', fill: 1 });
  });

  test('hatches everything that does not count, and marks its thresholds in counted time', () => {
    const why = { policy_zh: '', policy_en: '', calendar: 'office', started_at: 0, target_minutes: 60, open: [{ from: 0, to: 20 * MINUTE }, { from: 60 * MINUTE, to: 100 * MINUTE }], open_more: 0, pauses: [], deadline_at: 100 * MINUTE, provisional: false };
    expect(bar({ ...clock, why }, 50 * MINUTE)).toMatchObject({ pauses: [{ left: 0.2, width: expect.closeTo(0.4) }], thresholds: [expect.closeTo(0.7), expect.closeTo(0.94)] });
    expect(bar({ ...clock, why: { ...why, open_more: 3 } }, 50 * MINUTE).thresholds).toEqual([0.5, 0.9]);
  });

  test('a met clock stays met', () => {
    expect(bar({ ...clock, state: 'achieved', stopped_at: 40 * MINUTE }, 500 * MINUTE)).toMatchObject({ state: 'met', fill: 0.4 });
  });

  test('a paused clock without a deadline shows its share', () => {
    expect(bar({ ...clock, state: 'paused', deadline_at: null, paused_since: 5, share: 0.6 }, 500)).toMatchObject({ state: 'paused', fill: 0.6, pauses: [] });
  });
});

test('Watch asks again when a card changes lane', () => {
  const card = { ticket_id: 1, deadline_at: 20 * MINUTE + 500 };
  const watch = { lanes: [{ lane: 'hour', total: 1, cards: [card] }] } as unknown as Watch;
  expect(nextBoundary(watch, 5 * MINUTE)).toBe(5 * MINUTE + 500);
  expect(nextBoundary(watch, 6 * MINUTE + 1)).toBe(7 * MINUTE);
});

describe('held pages', () => {
  test('stay bounded, and the page used longest ago goes', () => {
    const cache = new PageCache<number>(10, 3);
    for (const page of [0, 1, 2]) cache.put(page, [page]);
    expect(cache.wanted(0, 5)).toEqual([]);
    cache.put(3, [3]);
    expect([cache.size, cache.row(0), cache.row(10)]).toEqual([3, 0, undefined]);
  });

  test('stale rows are shown until newer ones come', () => {
    const cache = new PageCache<string>(10, 3);
    cache.put(0, ['old']);
    cache.markStale();
    expect([cache.row(0), cache.wanted(0, 1)]).toEqual(['old', [0]]);
    cache.put(0, ['new']);
    expect([cache.row(0), cache.wanted(0, 1)]).toEqual(['new', []]);
  });
});

test('passphrases are weighed', () => {
  expect(['short', 'aaaaaaaaaaaa', 'correct horse', 'Correct horse 7 battery', '服务铃响在超时之前吧'].map(strength)).toEqual(['short', 'weak', 'fair', 'strong', 'strong']);
});

test('markers are UUIDs even where randomUUID is missing', () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newMarker()).toMatch(uuid);
  const own = crypto.randomUUID;
  Object.defineProperty(crypto, 'randomUUID', { value: undefined, configurable: true });
  expect(newMarker()).toMatch(uuid);
  Object.defineProperty(crypto, 'randomUUID', { value: own, configurable: true });
});
