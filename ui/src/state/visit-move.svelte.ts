// One visit on its way to another slot: which slots there are, which one is meant, and the question before it is done.
import type { ApiError, Slot, VisitView } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { VisitAside } from './visit-aside';
import type { VisitDrafts } from './visit-drafts';

/** A slot, and who is to come where the calendar says that. */
export type MoveTarget = { slot: Slot; engineer: string | null };

export class VisitMove {
  /** The visit being moved. */
  view = $state.raw<VisitView | null>(null);
  slots = $state.raw<Slot[]>([]);
  loading = $state(false);
  /** Under the pointer: what there is to say is said beside it. */
  dragging = $state(false);
  error = $state.raw<ApiError | null>(null);
  /** What is under the pointer or the arrow keys. */
  at = $state.raw<MoveTarget | null>(null);
  /** Where it was let go: asked about before anything is done. */
  chosen = $state.raw<MoveTarget | null>(null);
  /** One that somebody tried to move and that stays where it is: said why. */
  stays = $state.raw<VisitView | null>(null);
  /** Why, as it is being typed. */
  #reason = $state('');
  #turn = 0;
  readonly #aside: VisitAside;
  readonly #host: Host;

  constructor(host: Host, drafts: VisitDrafts) {
    this.#host = host;
    this.#aside = new VisitAside('move', drafts);
  }

  get reason(): string {
    return this.#reason;
  }

  set reason(text: string) {
    this.#reason = text;
    if (this.view) this.#aside.put(this.view, text === '' ? null : { reason: text });
  }

  /** Picks a visit up. False when it cannot be moved any more. */
  async start(view: VisitView, span: { from: number; to: number }): Promise<boolean> {
    this.stop();
    if (!view.can.includes('reschedule') || view.ticket === null) {
      this.stays = view;
      return false;
    }
    this.view = view;
    void this.#recall(view);
    await this.look(span);
    return true;
  }

  /** Slots of another stretch of time for the same visit. */
  async look({ from, to }: { from: number; to: number }): Promise<void> {
    const view = this.view;
    if (!view || view.ticket === null) return;
    const turn = ++this.#turn;
    [this.loading, this.error, this.at] = [true, null, null];
    const { visit } = view;
    const now = Date.now();
    try {
      const found = to <= now ? null : await this.#host.call('visit_slots', { id: view.ticket, service: visit.service, from: Math.max(from, now), to, site: visit.site, languages: [], centre: visit.centre_id || null });
      if (turn === this.#turn) this.slots = found?.centres.flatMap((one) => one.answer.slots) ?? [];
    } catch (thrown) {
      if (turn === this.#turn) [this.error, this.slots] = [asApiError(thrown), []];
    } finally {
      if (turn === this.#turn) this.loading = false;
    }
  }

  drop(target: MoveTarget | null): void {
    this.chosen = target;
  }

  async #recall(view: VisitView): Promise<void> {
    const kept = (await this.#aside.read(view))?.['reason'];
    if (this.view === view && this.#reason === '' && typeof kept === 'string') this.#reason = kept;
  }

  /** It is moved: what was typed about it went with it. */
  done(): void {
    this.reason = '';
    this.stop();
  }

  stop(): void {
    this.#turn += 1;
    this.#reason = '';
    [this.view, this.slots, this.at, this.chosen, this.stays, this.error, this.loading] = [null, [], null, null, null, null, false];
  }
}
