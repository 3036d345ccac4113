import type { ApiError } from '../api/generated';
import { asApiError } from '../host/host';
import type { Toast, ToastAction, ToastList, Words } from '../lib/toast';

type Say = (error: ApiError) => { what: string; next: string };

const TOASTS_MAX = 3;
const SHOWN_MS = 7000;

export class Toasts implements ToastList {
  list = $state.raw<Toast[]>([]);
  #next = 1;
  readonly #say: Say;

  constructor(say: Say) {
    this.#say = say;
  }

  /** `until`: the action can be taken until then, and the toast stays as long. `next`: a second line. */
  plain(text: Words, action: ToastAction | null = null, until: number | null = null, next: Words = () => ''): number {
    return this.#push({ tone: 'plain', text, next, action, until });
  }

  error(thrown: unknown): void {
    const error = asApiError(thrown);
    this.#push({ tone: 'error', text: () => this.#say(error).what, next: () => this.#say(error).next, action: null, until: null });
  }

  has(id: number): boolean {
    return this.list.some((toast) => toast.id === id);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((toast) => toast.id !== id);
  }

  #push(toast: Omit<Toast, 'id'>): number {
    const id = this.#next++;
    this.list = [...this.list.slice(1 - TOASTS_MAX), { id, ...toast }];
    setTimeout(() => this.dismiss(id), Math.max(SHOWN_MS, (toast.until ?? 0) - Date.now()));
    return id;
  }
}
