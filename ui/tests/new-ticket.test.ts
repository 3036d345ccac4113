import { describe, expect, test, vi } from 'vitest';
import type { Catalogue, NewTicketDraft } from '../src/api/generated';
import { Catalogues } from '../src/state/catalogues.svelte';
import { NewTicketState } from '../src/state/new-ticket.svelte';
import { gate, ScriptedHost } from './host';
import { accountState } from './tickets';

const account = accountState;
const catalogue: Catalogue = { categories: [{ id: 'c1', name: '故障', product: 'SLB' }], custom_fields: [], assignees: [], customers: [] };
const empty: Catalogue = { categories: [], custom_fields: [], assignees: [], customers: [] };
const made = (answers: ConstructorParameters<typeof ScriptedHost>[0]): { host: ScriptedHost; form: NewTicketState } => {
  const host = new ScriptedHost({ new_ticket_drafts: () => [], new_ticket_drafts_put: () => null, account_catalogue: () => catalogue, ...answers });
  return { host, form: new NewTicketState(host, new Catalogues(host)) };
};

describe('a new ticket', () => {
  test('offers only accounts that take one', async () => {
    const { form } = made({});
    await form.show([account(1, ['reply']), account(2)]);
    expect(form.account).toBe(2);
  });

  test('says what is missing only once it was asked to go, and sends nothing', async () => {
    const { host, form } = made({ ticket_create: () => ({ ticket: 9, operation: 8 }) });
    await form.show([account(1)]);
    expect([form.tried, form.missing]).toEqual([false, ['category', 'subject', 'body']]);
    expect(await form.send()).toBeNull();
    expect([form.tried, host.named('ticket_create').length]).toEqual([true, 0]);
  });

  test('pressing twice opens one, and the form is empty after it', async () => {
    const answer = gate<{ ticket: number; operation: number }>();
    const { host, form } = made({ ticket_create: () => answer.promise, account_catalogue: () => empty });
    await form.show([account(1)]);
    Object.assign(form.fields, { subject: 's', body: 'b' });
    const [first, second] = [form.send(), form.send()];
    answer.open({ ticket: 9, operation: 8 });
    expect([await first, await second, form.empty, form.open]).toEqual([{ ticket: 9, operation: 8 }, null, true, false]);
    expect(host.named('ticket_create')).toHaveLength(1);
  });

  test('a failure keeps every word, and the next try carries the same marker', async () => {
    let failing = true;
    const { host, form } = made({
      account_catalogue: () => empty,
      ticket_create: () => {
        if (failing) throw { code: 'disk_full', args: {} };
        return { ticket: 9, operation: 8 };
      },
    });
    await form.show([account(1)]);
    Object.assign(form.fields, { subject: 's', body: 'b' });
    await form.send();
    expect([form.error?.code, form.fields.subject, form.open]).toEqual(['disk_full', 's', true]);
    failing = false;
    await form.send();
    const [first, second] = host.named('ticket_create') as { marker: string }[];
    expect(second?.marker).toBe(first?.marker);
  });

  test('what is typed is kept by the core, and is there again after a restart', async () => {
    vi.useFakeTimers();
    let kept: NewTicketDraft[] = [];
    const answers = { account_catalogue: () => empty, new_ticket_drafts: () => kept, new_ticket_drafts_put: ({ drafts }: { drafts: NewTicketDraft[] }) => { kept = structuredClone(drafts); return null; } };
    const first = made(answers).form;
    await first.show([account(1), account(2)]);
    await first.choose(2);
    first.fields.subject = '网关';
    first.touched();
    await vi.advanceTimersByTimeAsync(400);
    expect(first.save).toBe('saved');
    const again = made(answers).form;
    await again.show([account(1), account(2)]);
    expect([again.account, again.fields.subject]).toEqual([2, '网关']);
    vi.useRealTimers();
  });

  test('an id of one server does not go to another', async () => {
    const { form } = made({});
    await form.show([account(1), account(2)]);
    Object.assign(form.fields, { category: 'c1', subject: 'stays' });
    await form.choose(2);
    expect([form.fields.category, form.fields.subject]).toEqual(['', 'stays']);
  });

  test('does not go without a queue to a server that needs one, even before its list is there', async () => {
    const { host, form } = made({ account_catalogue: () => Promise.reject({ code: 'host_unreachable', args: {} }) });
    const rt = accountState(1);
    await form.show([{ ...rt, account: { ...rt.account, kind: 'rt' } }]);
    Object.assign(form.fields, { subject: 's', body: 'b' });
    expect([await form.send(), form.missing, host.named('ticket_create').length]).toEqual([null, ['category'], 0]);
  });

  test('a server whose lists cannot be had says so, and the form still works', async () => {
    const { form } = made({ account_catalogue: () => Promise.reject({ code: 'host_unreachable', args: {} }), ticket_create: () => ({ ticket: 9, operation: 8 }) });
    await form.show([account(1)]);
    expect(form.catalogueError?.code).toBe('host_unreachable');
    Object.assign(form.fields, { subject: 's', body: 'b' });
    expect(await form.send()).not.toBeNull();
  });

  test('two that came back can be taken in turn, and neither is lost', async () => {
    let kept: NewTicketDraft[] = [];
    const { form } = made({ new_ticket_drafts: () => kept });
    await form.show([account(1)]);
    const ticket = { subject: 'one', body: '', priority: null, product: '', category: '', customer: '', requester: '', tags: [], custom_fields: {}, files: [] };
    kept = [{ account: 1, ticket, marker: 'm1', aside: 'for us' }];
    await form.takeReturned();
    kept = [...kept, { account: 1, ticket: { ...ticket, subject: 'two' }, marker: 'm2', aside: '' }];
    await form.takeReturned();
    expect([form.fields.subject, form.aside]).toEqual(['one', 'for us']);
    form.swap();
    expect([form.fields.subject, form.aside, form.shelf.map((one) => one.ticket.subject)]).toEqual(['two', '', ['one']]);
  });
});
