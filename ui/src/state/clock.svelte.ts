// One clock for the whole window: ticks on the full second, sleeps while the window is hidden.

export class Clock {
  now = $state(Date.now());
  /** The same, by the minute: for texts that do not change more often. */
  minute = $state(Math.floor(Date.now() / 60_000) * 60_000);
  #timer: ReturnType<typeof setTimeout> | undefined;

  start(): () => void {
    const visible = (): void => {
      clearTimeout(this.#timer);
      if (document.visibilityState !== 'hidden') this.#tick();
    };
    document.addEventListener('visibilitychange', visible);
    visible();
    return () => {
      document.removeEventListener('visibilitychange', visible);
      clearTimeout(this.#timer);
    };
  }

  #tick(): void {
    this.now = Date.now();
    this.minute = Math.floor(this.now / 60_000) * 60_000;
    this.#timer = setTimeout(() => this.#tick(), 1000 - (this.now % 1000));
  }
}
