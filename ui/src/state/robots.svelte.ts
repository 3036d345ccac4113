// Robots in group chats: the list, the one being written, and the delivery log. Addresses and secrets go to the core and never
// come back; what is typed stays in this window until it is kept or given up.
import type { ApiError, Robot, RobotDelivery, RobotKind, RobotRule } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { emptyFilter } from './tickets.svelte';

export const ROBOT_KINDS: RobotKind[] = ['dingtalk', 'wecom', 'feishu'];
export const ROBOT_RULES_MAX = 20;
export const NAME_CHARS_MAX = 60;
const LOG_ROWS = 100;

export const newRule = (): RobotRule => ({ id: newMarker(), name: '', filter: emptyFilter(), alerts: true, thresholds: [], escalations: true, mention: [], quiet: null, quiet_urgent: true });

/** A robot as it is being written. */
export class RobotForm {
  readonly id: number | null;
  kind = $state<RobotKind>('dingtalk');
  name = $state('');
  address = $state('');
  secret = $state('');
  /** An edit leaves the secrets alone unless the person changes them. */
  replaces = $state(false);
  enabled = $state(true);
  rules = $state<RobotRule[]>([]);
  tried = $state(false);
  busy = $state(false);
  error = $state.raw<ApiError | null>(null);

  constructor(robot: Robot | null) {
    this.id = robot?.id ?? null;
    if (robot) {
      this.kind = robot.kind;
      this.name = robot.name;
      this.enabled = robot.enabled;
      this.rules = structuredClone(robot.rules);
    } else {
      this.rules = [newRule()];
    }
  }

  get asksSecrets(): boolean {
    return this.id === null || this.replaces;
  }

  get missing(): 'name' | 'address' | 'rule' | null {
    if (this.name.trim() === '' || this.name.trim().length > NAME_CHARS_MAX) return 'name';
    if (this.asksSecrets && this.address.trim() === '') return 'address';
    return this.rules.some((rule) => !rule.alerts && !rule.escalations) ? 'rule' : null;
  }

  /** The field that an error of the core is about. */
  get wrong(): string {
    if (this.error?.code === 'robot_address_invalid') return 'address';
    return this.error?.args['field'] ?? '';
  }
}

export class RobotsState {
  list = $state.raw<Robot[] | null>(null);
  log = $state.raw<RobotDelivery[]>([]);
  /** Which robot's messages the log shows; null for all. */
  only = $state<number | null>(null);
  form = $state.raw<RobotForm | null>(null);
  open = $state(false);
  testing = $state<number | null>(null);
  /** What became of the last test of a robot. */
  tested = $state.raw<{ robot: number; delivery: RobotDelivery | null; error: ApiError | null } | null>(null);
  readonly #host: Host;
  #shown = false;

  constructor(host: Host) {
    this.#host = host;
  }

  async load(): Promise<void> {
    this.#shown = true;
    const [list, log] = await Promise.all([this.#host.call('robots', {}), this.#host.call('robot_deliveries', { robot: this.only, limit: LOG_ROWS })]);
    this.list = list;
    this.log = log;
  }

  /** Nobody looks at it before its section was opened once. */
  async changed(): Promise<void> {
    if (this.#shown) await this.load();
  }

  async show(robot: number | null): Promise<void> {
    this.only = robot;
    await this.load();
  }

  /** What was typed for the same robot is still there. */
  write(robot: Robot | null): void {
    if (!this.form || this.form.id !== (robot?.id ?? null)) this.form = new RobotForm(robot);
    this.open = true;
  }

  discard(): void {
    this.form = null;
    this.open = false;
  }

  /** Keeps what is in the form; answers the robot, or null with the reason in the form. */
  async keep(): Promise<Robot | null> {
    const form = this.form;
    if (!form || form.busy) return null;
    form.tried = true;
    if (form.missing) return null;
    form.busy = true;
    form.error = null;
    try {
      const secrets = form.asksSecrets ? { address: form.address.trim(), secret: form.kind === 'wecom' ? '' : form.secret.trim() } : { address: null, secret: null };
      const robot = await this.#host.call('robot_put', { robot: { id: form.id, kind: form.kind, name: form.name.trim(), ...secrets, enabled: form.enabled, rules: $state.snapshot(form.rules) } });
      this.discard();
      await this.load();
      return robot;
    } catch (thrown) {
      form.error = asApiError(thrown);
      return null;
    } finally {
      form.busy = false;
    }
  }

  async enable(robot: Robot, enabled: boolean): Promise<void> {
    await this.#host.call('robot_put', { robot: { id: robot.id, kind: robot.kind, name: robot.name, address: null, secret: null, enabled, rules: robot.rules } });
    await this.load();
  }

  async remove(robot: Robot): Promise<void> {
    await this.#host.call('robot_remove', { id: robot.id });
    if (this.only === robot.id) this.only = null;
    if (this.form?.id === robot.id) this.discard();
    await this.load();
  }

  async test(robot: Robot): Promise<void> {
    if (this.testing !== null) return;
    this.testing = robot.id;
    this.tested = null;
    try {
      this.tested = { robot: robot.id, delivery: await this.#host.call('robot_test', { id: robot.id }), error: null };
    } catch (thrown) {
      this.tested = { robot: robot.id, delivery: null, error: asApiError(thrown) };
    } finally {
      this.testing = null;
    }
    await this.load();
  }

  async again(delivery: RobotDelivery): Promise<void> {
    await this.#host.call('robot_delivery_retry', { id: delivery.id });
    await this.load();
  }
}
