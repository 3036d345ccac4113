// The way back: what was done last and can still be taken back, newest last. What a person wrote comes back from the core, as a draft.
import type { OperationId, OperationRecord, Settings, TicketId } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { sentences, t } from '../lib/l10n.svelte';
import { newMarker } from '../lib/marker';
import { reverse, type Reverse } from '../lib/reverse';
import type { TicketDetailState } from './detail.svelte';
import type { OutboxState } from './outbox.svelte';
import type { Words } from '../lib/toast';
import type { Toasts } from './toasts.svelte';

const STEPS_MAX = 20;

type Step = { operations: OperationId[]; toast: number };
type Parts = {
  host: Host;
  outbox: OutboxState;
  detail: TicketDetailState;
  toasts: Toasts;
  settings: () => Settings | null;
  connected: () => boolean;
  /** Where a new ticket goes that is not sent after all. */
  restore: () => Promise<void>;
};

export class UndoState {
  readonly #parts: Parts;
  #steps: Step[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Says what was done (nothing: that it waits says it), with the way back. `waits`: it leaves only after the seconds of the settings. */
  offer(text: Words, operations: OperationId[], waits = false): void {
    const seconds = this.#parts.settings()?.undo_s ?? 0;
    const until = waits && seconds > 0 && this.#parts.connected() ? Date.now() + seconds * 1000 : null;
    const connected = this.#parts.connected();
    const said = connected ? text : (): string => sentences(text(), t('toast-waits'));
    const toast = this.#parts.toasts.plain(said, { label: () => t('undo'), run: () => void this.takeBack(operations) }, until);
    this.#steps = [...this.#steps, { operations, toast }].slice(-STEPS_MAX);
  }

  /** Ctrl+Z: the newest step that has not been taken back. */
  async last(): Promise<void> {
    const step = this.#steps.at(-1);
    if (!step) {
      this.#parts.toasts.plain(() => t('undo-nothing'));
      return;
    }
    this.#parts.toasts.dismiss(step.toast);
    await this.takeBack(step.operations);
  }

  /** True when everything came back; else it is said what had left already. */
  async takeBack(operations: OperationId[]): Promise<boolean> {
    for (const step of this.#steps) if (step.operations.some((id) => operations.includes(id))) this.#parts.toasts.dismiss(step.toast);
    this.#steps = this.#steps.filter((step) => !step.operations.some((id) => operations.includes(id)));
    try {
      await this.#parts.outbox.load();
      const records = operations.map((id) => this.#parts.outbox.find(id));
      let back = 0;
      // Newest first: an edit that waits for another one goes before it.
      for (const [at, id] of [...operations.entries()].toReversed()) if (await this.#takeBackOne(id, records[at] ?? null)) back += 1;
      await this.#parts.outbox.load();
      this.#say(records[0] ?? null, back, operations.length);
      return back === operations.length;
    } catch (thrown) {
      this.#parts.toasts.error(thrown);
      return false;
    }
  }

  async #takeBackOne(id: OperationId, record: OperationRecord | null): Promise<boolean> {
    if (record?.state === 'sent') return this.#reverse(record);
    const { outbox, detail } = this.#parts;
    const shown = detail.id !== null && detail.id === record?.ticket_id;
    try {
      if (shown) {
        await detail.composer.exchange(async () => {
          await outbox.discard(id);
          if (record?.kind.kind === 'create_ticket') detail.close();
          else await detail.refetch();
        });
      } else await outbox.discard(id);
    } catch (thrown) {
      const { code } = asApiError(thrown);
      if (code === 'operation_not_discardable' || code === 'operation_unknown') return record !== null && this.#reverse(record);
      throw thrown;
    }
    if (record?.kind.kind === 'create_ticket') await this.#parts.restore();
    return true;
  }

  /** It has left, or is leaving: the ticket is set back instead, where that can be done. */
  async #reverse({ kind, ticket_id: id }: OperationRecord): Promise<boolean> {
    const { host, detail } = this.#parts;
    const back = reverse(kind, await host.call('ticket_get', { id }));
    if (!back) return false;
    await send(host, id, back);
    if (detail.id === id) detail.reload();
    return true;
  }

  #say(first: OperationRecord | null, back: number, asked: number): void {
    const { toasts } = this.#parts;
    if (back < asked) toasts.plain(() => asked === 1 ? t('undo-left') : t('undo-some', { back, left: asked - back }));
    else if (asked > 1) toasts.plain(() => t('undo-many', { count: back }));
    else {
      const kind = first?.kind.kind;
      toasts.plain(() => t(kind === 'reply' || kind === 'reopen' || kind === 'evaluate' || kind === 'attach' ? 'undo-reply' : kind === 'create_ticket' ? 'undo-create' : 'undo-done'));
    }
  }
}

function send(host: Host, id: TicketId, back: Reverse): Promise<OperationId> {
  const marker = newMarker();
  switch (back.command) {
    case 'ticket_set_status':
      return host.call(back.command, { id, to: back.to, marker });
    case 'ticket_set_priority':
      return host.call(back.command, { id, to: back.to, marker });
    case 'ticket_set_assignee':
      return host.call(back.command, { id, to: back.to, marker });
    case 'ticket_set_tags':
      return host.call(back.command, { id, to: back.to, marker });
    case 'ticket_set_custom_field':
      return host.call(back.command, { id, field: back.field, to: back.to, marker });
    case 'ticket_reopen':
      return host.call(back.command, { id, body: back.body, marker });
  }
}
