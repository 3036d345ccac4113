// The way back: what was done last and can still be taken back, newest last. What a person wrote comes back to where it was written.
import type { AccountId, FileRef, NewTicket, OperationId, OperationRecord, Settings } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { t } from '../lib/l10n.svelte';
import { operationText } from '../lib/operation';
import type { TicketDetailState } from './detail.svelte';
import type { OutboxState } from './outbox.svelte';
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
  restore: (account: AccountId, ticket: NewTicket) => void;
};

export class UndoState {
  readonly #parts: Parts;
  #steps: Step[] = [];

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** Says what was done, with the way back. `waits`: it leaves only after the seconds of the settings. */
  offer(text: string, operations: OperationId[], waits = false): void {
    const seconds = this.#parts.settings()?.undo_s ?? 0;
    const until = waits && seconds > 0 && this.#parts.connected() ? Date.now() + seconds * 1000 : null;
    const toast = this.#parts.toasts.plain(text, { label: t('undo'), run: () => void this.takeBack(operations) }, until);
    this.#steps = [...this.#steps, { operations, toast }].slice(-STEPS_MAX);
  }

  /** Ctrl+Z: the newest step that has not been taken back. */
  async last(): Promise<void> {
    const step = this.#steps.at(-1);
    if (!step) {
      this.#parts.toasts.plain(t('undo-nothing'));
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
    if (record?.state === 'sent') return false;
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
      if (code === 'operation_not_discardable' || code === 'operation_unknown') return false;
      throw thrown;
    }
    if (record) await this.#giveBack(record, shown);
    return true;
  }

  /** The core itself gives back a reply's text. */
  async #giveBack({ kind, ticket_id, account_id }: OperationRecord, shown: boolean): Promise<void> {
    if (kind.kind === 'create_ticket') this.#parts.restore(account_id, kind.ticket);
    if (kind.kind === 'reply' && shown) this.#returnFiles(kind.files);
    const words = kind.kind === 'reopen' || kind.kind === 'evaluate' ? operationText(kind) : '';
    if (words === '') return;
    if (shown) this.#parts.detail.composer.append(words);
    else {
      const { draft } = await this.#parts.host.call('ticket_get', { id: ticket_id });
      const body = draft?.body.trim() ? `${draft.body}\n\n${words}` : words;
      await this.#parts.host.call('draft_put', { id: ticket_id, body, visibility: draft?.visibility ?? 'public' });
    }
  }

  #returnFiles(files: FileRef[]): void {
    const { composer } = this.#parts.detail;
    composer.putFiles([...composer.files, ...files.filter((file) => !composer.files.some((one) => one.sha256 === file.sha256))]);
  }

  #say(first: OperationRecord | null, back: number, asked: number): void {
    const { toasts } = this.#parts;
    if (back < asked) toasts.plain(asked === 1 ? t('undo-left') : t('undo-some', { back, left: asked - back }));
    else if (asked > 1) toasts.plain(t('undo-many', { count: back }));
    else {
      const kind = first?.kind.kind;
      toasts.plain(t(kind === 'reply' ? 'undo-reply' : kind === 'create_ticket' ? 'undo-create' : 'undo-done'));
    }
  }
}
