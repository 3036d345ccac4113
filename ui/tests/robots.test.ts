import { expect, test } from 'vitest';
import type { Robot, RobotDelivery } from '../src/api/generated';
import { canRetry, deliveryWords, ruleWords } from '../src/lib/robot';
import { newRule, RobotsState } from '../src/state/robots.svelte';
import { ScriptedHost } from './host';

const robot = (more: Partial<Robot> = {}): Robot => ({ id: 7, kind: 'dingtalk', name: '值班群', address_hint: 'oapi.dingtalk.com …5f9a', signed: true, enabled: true, rules: [newRule()], created_at: 0, waiting: 0, held_until: null, code: null, ...more });
const delivery = (more: Partial<RobotDelivery> = {}): RobotDelivery => ({ id: 1, robot_id: 7, kind: 'alert', alert_ids: [1], mention: [], title: 't', body: 'b', created_at: 0, state: 'sent', attempts: 1, doubts: 0, not_before: 0, code: null, detail: '', merged_into: null, sent_at: 0, ...more });

test('a robot that cannot be kept stays in the form as it was typed, with the reason', async () => {
  const host = new ScriptedHost({ robots: () => [], robot_deliveries: () => [], robot_put: () => { throw { code: 'robot_address_invalid', args: {} }; } });
  const robots = new RobotsState(host);
  robots.write(null);
  expect(await robots.keep()).toBeNull();
  expect(robots.form?.missing).toBe('name');
  expect(host.named('robot_put')).toEqual([]);
  if (robots.form) [robots.form.name, robots.form.address] = [' 值班群 ', ' https://example.com '];
  expect(await robots.keep()).toBeNull();
  expect(robots.form?.error?.code).toBe('robot_address_invalid');
  expect(robots.form?.wrong).toBe('address');
  robots.open = false;
  robots.write(null);
  expect(robots.form?.name).toBe(' 值班群 ');
});

test('an edit leaves the secrets alone unless they are entered anew, and WeCom has no signing secret', async () => {
  const host = new ScriptedHost({ robots: () => [robot()], robot_deliveries: () => [], robot_put: () => robot() });
  const robots = new RobotsState(host);
  robots.write(robot());
  await robots.keep();
  expect(host.named('robot_put')[0]).toMatchObject({ robot: { id: 7, address: null, secret: null } });
  robots.write(robot({ kind: 'wecom' }));
  if (robots.form) [robots.form.replaces, robots.form.address, robots.form.secret] = [true, 'https://a', 'typed before the platform was changed'];
  await robots.keep();
  expect(host.named('robot_put')[1]).toMatchObject({ robot: { address: 'https://a', secret: '' } });
  expect(robots.form).toBeNull();
});

test('a rule that tells nothing is not sent to the core', async () => {
  const robots = new RobotsState(new ScriptedHost({}));
  robots.write(robot({ rules: [{ ...newRule(), alerts: false, escalations: false }] }));
  expect(await robots.keep()).toBeNull();
  expect(robots.form?.missing).toBe('rule');
});

test('a test keeps its answer beside the robot, a failure too', async () => {
  const host = new ScriptedHost({ robots: () => [robot()], robot_deliveries: () => [], robot_test: () => { throw { code: 'rate_limited', args: { seconds: '40' } }; } });
  const robots = new RobotsState(host);
  await robots.test(robot());
  expect(robots.tested).toMatchObject({ robot: 7, delivery: null, error: { code: 'rate_limited' } });
  expect(robots.testing).toBeNull();
});

test('the log says where each message stands and offers only what can be done', () => {
  expect(deliveryWords(delivery({ state: 'merged', merged_into: 12 }), 0)).toContain('#12');
  expect(deliveryWords(delivery({ doubts: 1 }), 0)).not.toBe(deliveryWords(delivery(), 0));
  expect(deliveryWords(delivery({ state: 'failed', code: 'robot_gone' }), 0)).not.toBe('');
  expect((['queued', 'sending', 'sent', 'failed', 'unknown', 'merged', 'withdrawn'] as const).filter((state) => canRetry(delivery({ state })))).toEqual(['queued', 'failed', 'unknown']);
  expect(canRetry(delivery({ state: 'queued', code: 'rate_limited' }))).toBe(false);
  expect(canRetry(delivery({ kind: 'test', state: 'failed' }))).toBe(false);
});

test('a rule in words names tickets, moments, people and quiet hours', () => {
  const words = ruleWords({ ...newRule(), thresholds: [{ kind: 'breach' }], mention: ['all', '139'], quiet: { from_minute: 1320, to_minute: 480, days: [] } }, String);
  expect(words).toContain('22:00');
  expect(words).toContain('139');
  expect(words).not.toContain('all,');
});
