// The pages of a long list that are held in memory. Bounded; the page used longest ago goes first.

export class PageCache<Row> {
  readonly #pages = new Map<number, { rows: Row[]; stale: boolean }>();

  constructor(
    readonly pageSize: number,
    readonly pagesMax: number,
  ) {}

  get size(): number {
    return this.#pages.size;
  }

  pageOf(index: number): number {
    return Math.floor(index / this.pageSize);
  }

  row(index: number): Row | undefined {
    return this.#pages.get(this.pageOf(index))?.rows[index % this.pageSize];
  }

  put(page: number, rows: Row[]): void {
    this.#pages.delete(page);
    this.#pages.set(page, { rows, stale: false });
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.pagesMax) break;
      this.#pages.delete(oldest);
    }
  }

  /** Pages that [first, end) needs and that are missing or stale; those present count as used. */
  wanted(first: number, end: number): number[] {
    const pages: number[] = [];
    if (end <= first) return pages;
    for (let page = this.pageOf(first); page <= this.pageOf(end - 1); page += 1) {
      const held = this.#pages.get(page);
      if (held) {
        this.#pages.delete(page);
        this.#pages.set(page, held);
      }
      if (!held || held.stale) pages.push(page);
    }
    return pages;
  }

  /** The rows stay on screen until newer ones come. */
  markStale(): void {
    for (const page of this.#pages.values()) page.stale = true;
  }

  clear(): void {
    this.#pages.clear();
  }
}
