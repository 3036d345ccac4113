import { cleanup, fireEvent, render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { afterEach, describe, expect, test } from 'vitest';
import type { Account, Code } from '../src/api/generated';
import AccountFields from '../src/features/accounts/AccountFields.svelte';
import { AccountForm } from '../src/state/account-form.svelte';
import { ScriptedHost } from './host';

afterEach(cleanup);

const account: Account = { id: 1, kind: 'rt', name: 'rt.example.com', endpoint: 'https://rt.example.com', user: 'lin', demo: false, ticket_count: 0, last_synced_at: null, options: { requests_per_minute: null, connections_max: null, poll_s: null, visit_category: '' }, capabilities: { operations: [], statuses: [], internal_notes: true, file_bytes_max: 0, takes_files: false } };
const filled = (host: ScriptedHost): AccountForm => {
  const form = new AccountForm(host);
  form.endpoint = ' https://rt.example.com ';
  form.user = 'lin';
  form.secret = 'geheim';
  return form;
};
const refusing = (code: Code): ScriptedHost => new ScriptedHost({ account_check: () => Promise.reject({ code, args: {} }) });

describe('connecting an account', () => {
  test.each<[Code, string]>([['host_unreachable', 'endpoint'], ['certificate_invalid', 'endpoint'], ['answer_not_json', 'endpoint'], ['credentials_wrong', 'secret'], ['account_exists', 'user']])('%s stands beside %s, and nothing typed is lost', async (code, field) => {
    const host = refusing(code);
    const form = filled(host);
    expect(await form.connect()).toBe(false);
    expect([form.errorField, form.endpoint, form.user, form.secret, form.step]).toEqual([field, ' https://rt.example.com ', 'lin', 'geheim', 'idle']);
    expect(host.named('account_add')).toHaveLength(0);
  });

  test('is stored only after the server has agreed, and the secret leaves the form', async () => {
    const host = new ScriptedHost({ account_check: () => ({ display_name: '林夏', server: 'RT 5' }), account_add: () => account });
    const form = filled(host);
    expect(await form.connect()).toBe(true);
    expect(host.calls.map((call) => call.name)).toEqual(['account_check', 'account_add']);
    expect(host.named('account_add')).toEqual([{ kind: 'rt', name: 'rt.example.com', endpoint: 'https://rt.example.com', user: 'lin', secret: 'geheim', options: account.options }]);
    expect(form.secret).toBe('');
  });

  test('a Workorder key goes to the known address, with its token on a second line', async () => {
    const host = new ScriptedHost({ account_check: () => ({ display_name: 'lin', server: 'Workorder' }), account_add: () => account });
    const form = new AccountForm(host);
    Object.assign(form, { kind: 'aliyun', region: 'https://workorder.ap-southeast-1.aliyuncs.com', user: 'STS.abc', secret: ' shh ' });
    expect(form.ready).toBe(false);
    form.leave('token');
    expect(form.hint('token')).toBe('account-token-needed');
    form.token = 'CAIS';
    form.options.texts.requests_per_minute = '60';
    expect(await form.connect()).toBe(true);
    expect(host.named('account_check')).toEqual([{ kind: 'aliyun', endpoint: 'https://workorder.ap-southeast-1.aliyuncs.com', user: 'STS.abc', secret: 'shh\nCAIS', options: { requests_per_minute: 60, connections_max: null, poll_s: null, visit_category: '' } }]);
    expect([form.secret, form.token]).toEqual(['', '']);
  });

  test.each([['support.example.com', 'account-address-whole'], ['http://support.example.com', 'account-address-https'], ['http://127.0.0.1:4000', null], ['https://support.example.com', null]])('%s is judged when the field is left', (endpoint, said) => {
    const form = new AccountForm(refusing('internal'));
    form.endpoint = endpoint;
    expect(form.hint('endpoint')).toBeNull();
    form.leave('endpoint');
    expect(form.hint('endpoint')).toBe(said);
  });

  test.each([['0', false], ['60001', false], ['6e3', false], ['-5', false], ['', true], ['600', true]])('%s requests a minute', (text, fits) => {
    const form = filled(refusing('internal'));
    form.options.texts.requests_per_minute = text;
    expect(form.ready).toBe(fits);
  });

  test('the error is read with its field', async () => {
    const form = filled(refusing('credentials_wrong'));
    render(AccountFields, { form });
    await form.connect();
    await tick();
    const secret = screen.getByLabelText<HTMLInputElement>('密码或令牌');
    expect(secret.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(secret.getAttribute('aria-describedby') ?? '')?.textContent).toContain('服务器不接受这个用户名和密码');
    expect(screen.getByLabelText<HTMLInputElement>('用户名').value).toBe('lin');
  });

  test('an Enter that commits a candidate is kept from the form', async () => {
    render(AccountFields, { form: filled(refusing('internal')) });
    const name = screen.getByLabelText('在本机显示的名称');
    expect(await fireEvent.keyDown(name, { key: 'Enter', keyCode: 229 })).toBe(false);
    expect(await fireEvent.keyDown(name, { key: 'Enter' })).toBe(true);
  });
});
