// A published holiday notice on its way into a calendar: read by the core, shown, and only then merged.
import type { ApiError, ImportedHolidays } from '../api/generated';
import { asApiError } from '../host/host';
import { Debounce } from './debounce';

const READ_AFTER_MS = 200;
/** A notice has some kilobytes; nine years of them 40. */
export const NOTICE_BYTES_MAX = 1024 * 1024;

export class NoticeState {
  text = $state('');
  found = $state.raw<ImportedHolidays | null>(null);
  error = $state.raw<ApiError | null>(null);
  /** What kept a file from being read. */
  refused = $state<'large' | 'unreadable' | null>(null);
  reading = $state(false);
  #asks = 0;
  readonly #read: (text: string) => Promise<ImportedHolidays>;
  readonly #asking = new Debounce(() => void this.#ask(), READ_AFTER_MS);

  constructor(read: (text: string) => Promise<ImportedHolidays>) {
    this.#read = read;
  }

  take(text: string): void {
    this.text = text;
    this.refused = null;
    this.reading = text.trim() !== '';
    this.#asking.call();
  }

  async takeFile(file: Pick<File, 'size' | 'text'>): Promise<void> {
    this.refused = null;
    if (file.size > NOTICE_BYTES_MAX) {
      this.refused = 'large';
      return;
    }
    try {
      this.take(await file.text());
      this.#asking.flush();
    } catch {
      this.refused = 'unreadable';
    }
  }

  clear(): void {
    this.take('');
    this.#asking.flush();
  }

  async #ask(): Promise<void> {
    const mine = (this.#asks += 1);
    const { text } = this;
    if (text.trim() === '') {
      this.found = null;
      this.error = null;
      this.reading = false;
      return;
    }
    try {
      const found = await this.#read(text);
      if (mine !== this.#asks) return;
      this.found = found;
      this.error = null;
    } catch (thrown) {
      if (mine !== this.#asks) return;
      this.found = null;
      this.error = asApiError(thrown);
    }
    this.reading = false;
  }
}
