import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { OperationId } from '../src/api/generated';
import { Composer } from '../src/state/composer.svelte';
import { gate, ScriptedHost } from './host';
import WithComposer from './WithComposer.svelte';

afterEach(cleanup);
const settle = async (): Promise<void> => {
  await new Promise((done) => setTimeout(done));
  await tick();
};
const saved = { draft_put: () => null };

describe('the composer', () => {
  test('pressing Send twice sends once', async () => {
    const answer = gate<OperationId>();
    const host = new ScriptedHost({ ...saved, ticket_reply: () => answer.promise });
    render(WithComposer, { host });
    await fireEvent.input(screen.getByTestId('composer-body'), { target: { value: '已恢复' } });
    await fireEvent.click(screen.getByTestId('composer-send'));
    await fireEvent.click(screen.getByTestId('composer-send'));
    await fireEvent.keyDown(screen.getByTestId('composer-body'), { key: 'Enter', ctrlKey: true });
    answer.open(7);
    await settle();
    expect(host.named('ticket_reply')).toHaveLength(1);
    expect(screen.getByTestId<HTMLTextAreaElement>('composer-body').value).toBe('');
  });

  test('a failed call leaves the text, names the error, and the next try carries the same marker', async () => {
    let failing = true;
    const host = new ScriptedHost({
      ...saved,
      ticket_reply: () => {
        if (failing) throw { code: 'disk_full', args: {} };
        return 8;
      },
    });
    render(WithComposer, { host });
    await fireEvent.input(screen.getByTestId('composer-body'), { target: { value: '已恢复' } });
    await fireEvent.click(screen.getByTestId('composer-send'));
    await settle();
    expect(screen.getByTestId<HTMLTextAreaElement>('composer-body').value).toBe('已恢复');
    expect(screen.getByRole('alert').textContent).toContain('磁盘已满');
    failing = false;
    await fireEvent.click(screen.getByTestId('composer-send'));
    await settle();
    const [first, second] = host.named('ticket_reply') as { marker: string }[];
    expect(second?.marker).toBe(first?.marker);
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByTestId<HTMLTextAreaElement>('composer-body').value).toBe('');
  });

  test('a text changed after a failure is another reply with another marker', async () => {
    const host = new ScriptedHost({ ...saved, ticket_reply: () => Promise.reject({ code: 'storage', args: {} }) });
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('a');
    await composer.send();
    composer.write('b');
    await composer.send();
    const [first, second] = host.named('ticket_reply') as { marker: string }[];
    expect(second?.marker).not.toBe(first?.marker);
    composer.attach(null, null);
  });

  test('Ctrl+Enter that commits an input method candidate does not send', async () => {
    const host = new ScriptedHost({ ...saved, ticket_reply: () => 9 });
    render(WithComposer, { host });
    const body = screen.getByTestId('composer-body');
    await fireEvent.input(body, { target: { value: '好' } });
    await fireEvent.keyDown(body, { key: 'Enter', ctrlKey: true, isComposing: true });
    await fireEvent.keyDown(body, { key: 'Enter', ctrlKey: true, keyCode: 229 });
    await fireEvent.keyDown(body, { key: 'Enter' });
    await settle();
    expect(host.named('ticket_reply')).toHaveLength(0);
    await fireEvent.keyDown(body, { key: 'Enter', ctrlKey: true });
    await settle();
    expect(host.named('ticket_reply')).toHaveLength(1);
  });
});

describe('the draft', () => {
  test('is stored 400 ms after the last key, and says so', async () => {
    vi.useFakeTimers();
    const host = new ScriptedHost(saved);
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('你');
    await vi.advanceTimersByTimeAsync(399);
    composer.write('你好');
    await vi.advanceTimersByTimeAsync(399);
    expect(host.named('draft_put')).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(1);
    expect(host.named('draft_put')).toEqual([{ id: 1, body: '你好', visibility: 'public' }]);
    expect(composer.save).toBe('saved');
  });

  test('goes to its own ticket when another one is opened at once', async () => {
    const host = new ScriptedHost(saved);
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('for one');
    composer.attach(2, { body: 'for two', visibility: 'internal', files: [], updated_at: 1 });
    await settle();
    expect(host.named('draft_put')).toEqual([{ id: 1, body: 'for one', visibility: 'public' }]);
    expect([composer.body, composer.visibility]).toEqual(['for two', 'internal']);
  });

  test('is not written again after the reply has gone', async () => {
    vi.useFakeTimers();
    const host = new ScriptedHost({ ...saved, ticket_reply: () => 1 });
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('done');
    await composer.send();
    await vi.advanceTimersByTimeAsync(5000);
    expect(host.calls.map((call) => call.name)).toEqual(['draft_put', 'ticket_reply']);
    // An answer that was under way before the reply does not bring the text back.
    composer.attach(1, { body: 'done', visibility: 'public', files: [], updated_at: Date.now() - 10_000 });
    expect(composer.body).toBe('');
  });

  test('outlives a reply that fails after another ticket was opened', async () => {
    const answer = gate<OperationId>();
    const host = new ScriptedHost({ ...saved, ticket_reply: () => answer.promise });
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('not lost');
    const sent = composer.send();
    await settle();
    composer.attach(2, null);
    answer.fail({ code: 'storage', args: {} });
    expect(await sent).toBeNull();
    expect(host.named('draft_put')).toEqual([{ id: 1, body: 'not lost', visibility: 'public' }]);
    expect([composer.body, composer.error, composer.sending]).toEqual(['', null, false]);
  });

  test('comes back after a discard, but never over something being written', () => {
    const composer = new Composer(new ScriptedHost(saved));
    composer.attach(1, null);
    composer.attach(1, { body: 'taken back', visibility: 'public', files: [], updated_at: Date.now() + 1 });
    expect(composer.body).toBe('taken back');
    composer.write('newer');
    composer.attach(1, { body: 'other', visibility: 'public', files: [], updated_at: Date.now() + 2 });
    expect(composer.body).toBe('newer');
    composer.attach(null, null);
  });

  test('that cannot be stored says so and stays', async () => {
    const host = new ScriptedHost({ draft_put: () => Promise.reject({ code: 'disk_full', args: {} }) });
    const composer = new Composer(host);
    composer.attach(1, null);
    composer.write('kept');
    composer.flush();
    await settle();
    expect([composer.save, composer.body]).toEqual(['failed', 'kept']);
  });
});
