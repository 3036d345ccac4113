import { afterAll, describe, expect, test } from 'vitest';
import { bodyParts, frameDocument } from '../src/lib/body';
import { countdownParts, tone } from '../src/lib/countdown';
import { composing, matches, onEnter, parseCombo } from '../src/lib/keys';
import { l10n } from '../src/lib/l10n.svelte';
import { newMarker } from '../src/lib/marker';
import { PageCache } from '../src/lib/pages';
import { strength } from '../src/lib/passphrase';
import { countdown, length, momentWithTime, relative } from '../src/lib/time';

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
