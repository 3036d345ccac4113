// Appointments in the bell: what asks for somebody, what is said of it, and what a person does about it.
import { beforeEach, describe, expect, test } from 'vitest';
import type { ReminderView } from '../src/api/generated';
import { l10n } from '../src/lib/l10n.svelte';
import { aboutWhat, asks, said, whereTo } from '../src/lib/reminder';
import { Reminders } from '../src/state/reminders.svelte';
import { ScriptedHost } from './host';

const NOW = new Date(2026, 10, 21, 14, 2, 30).getTime();
const HOUR = 3_600_000;
const reminder = (more: Partial<ReminderView> = {}): ReminderView => ({ id: 1, kind: 'visit', subject: 'v', start_at: NOW + 2 * HOUR, end_at: NOW + 4 * HOUR, lead_min: 120, ticket_id: 7, about: { title: 'Disk failed', customer: 'Acme', ticket: '7', service: 'hardware_inspection', place: 'Hall 1', who: '', url: '' }, raised_at: NOW, shown_at: NOW, acknowledged_at: null, snoozed_until: null, held_until: null, ended_at: null, open: true, ...more });

beforeEach(() => l10n.use('en'));

describe('a reminder', () => {
  test('asks for somebody unless it is put off, held back or over', () => {
    const cases: [Partial<ReminderView>, boolean][] = [[{}, true], [{ open: false }, false], [{ snoozed_until: NOW + 1 }, false], [{ snoozed_until: NOW }, true], [{ held_until: NOW + 1 }, false], [{ held_until: NOW }, true]];
    for (const [more, expected] of cases) expect(asks(reminder(more), NOW), JSON.stringify(more)).toBe(expected);
  });

  test('says what it is about, and when', () => {
    expect(aboutWhat(reminder(), NOW)).toContain('Visit on site');
    expect(aboutWhat(reminder({ lead_min: 0 }), NOW)).toContain('Visit confirmed');
    expect(aboutWhat(reminder({ kind: 'diagnosis', lead_min: 0 }), NOW)).toContain('Diagnosis session');
    expect(whereTo(reminder())).toEqual(['Acme', 'Hall 1']);
    expect(said(reminder(), NOW)).toEqual([]);
    expect(said(reminder({ snoozed_until: NOW + HOUR }), NOW)).toHaveLength(1);
  });
});

describe('the list', () => {
  test('is what the core says after each answer, and an answer that was overtaken is left out', async () => {
    let open = [reminder(), reminder({ id: 2 })];
    const host = new ScriptedHost({
      reminders: () => open,
      reminder_acknowledge: ({ id }) => {
        open = open.filter((one) => one.id !== id);
        return null;
      },
      reminder_snooze: () => null,
    });
    const list = new Reminders(host);
    await list.load();
    expect(list.calling(NOW)).toBe(2);
    await list.snooze(2, 10);
    expect(host.named('reminder_snooze')).toEqual([{ id: 2, minutes: 10 }]);
    await list.acknowledge(1);
    expect(list.list.map((one) => one.id)).toEqual([2]);
    expect(await list.acknowledgeAll()).toBe(1);
    expect(list.list).toEqual([]);
  });
});
