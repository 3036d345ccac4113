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
