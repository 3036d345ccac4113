/** Runs once after the calls have stopped for `waitMs`, and at the latest `waitMsMax` after the first. */
export class Debounce {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #first = 0;

  constructor(
    readonly run: () => void,
    readonly waitMs: number,
    readonly waitMsMax = waitMs * 5,
  ) {}

  get pending(): boolean {
    return this.#timer !== undefined;
  }

  call(): void {
    const now = Date.now();
    if (!this.pending) this.#first = now;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), Math.max(0, Math.min(this.waitMs, this.#first + this.waitMsMax - now)));
  }

  flush(): void {
    if (!this.pending) return;
    this.cancel();
    this.run();
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

/** What was typed and waits to be stored, and what is on its way to the store. */
const waiting = new Set<Autosave>();
const saving = new Set<Promise<unknown>>();

/** Stores what a person types a moment after they pause; when the window is left, hidden or closed, at once. */
export class Autosave extends Debounce {
  constructor(save: () => Promise<unknown>, waitMs: number, waitMsMax?: number) {
    super(() => {
      const stored = save().finally(() => saving.delete(stored));
      saving.add(stored);
    }, waitMs, waitMsMax);
  }

  override call(): void {
    super.call();
    waiting.add(this);
  }

  override cancel(): void {
    super.cancel();
    waiting.delete(this);
  }
}

/** Stores everything that was typed, of every form there is. Done when the core has it, or said that it has not. */
export async function storeTyped(): Promise<void> {
  for (const one of waiting) one.flush();
  // What is stored may have words behind it that were typed meanwhile.
  await Promise.allSettled(saving);
}
