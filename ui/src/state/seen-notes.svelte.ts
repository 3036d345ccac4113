// What of a conversation a person had in front of them when they began to write.
import type { Note, TicketDetail } from '../api/generated';

/** Notes that can be news: said in public, by a person, and on the server. */
const news = (note: Note): boolean => note.visibility === 'public' && note.role !== 'system' && note.operation === null;

export class SeenNotes {
  /** Public notes of others, as the core counts them now. */
  total = $state(0);
  #seen = $state(0);
  #known = new Set<string>();
  #notes = $state.raw<Note[]>([]);
  #complete = true;

  /** Another ticket. `since`: when a draft that was begun earlier was last touched. */
  restart(detail: TicketDetail | null, since: number | null): void {
    this.#take(detail);
    this.catchUp();
    if (since === null) return;
    const later = this.#notes.filter((note) => news(note) && note.role === 'customer' && note.created_at > since);
    this.#seen = Math.max(0, this.total - later.length);
    for (const note of later) this.#known.delete(note.key);
  }

  observe(detail: TicketDetail | null): void {
    if (!detail) return;
    // What was still being fetched when the writing began is old, though it comes late.
    const late = !this.#complete;
    this.#take(detail);
    if (late) this.catchUp();
  }

  /** From here on, everything on screen counts as read. */
  catchUp(): void {
    this.#seen = this.total;
    this.#known = new Set(this.#notes.map((note) => note.key));
  }

  get count(): number {
    return Math.max(0, this.total - this.#seen);
  }

  /** Where reading goes on: the first of the new notes. */
  get firstNew(): string | null {
    const fresh = this.#notes.filter((note) => news(note) && !this.#known.has(note.key));
    return fresh[0]?.key ?? this.#notes.findLast(news)?.key ?? null;
  }

  #take(detail: TicketDetail | null): void {
    this.total = detail?.public_notes ?? 0;
    this.#notes = detail?.notes ?? [];
    this.#complete = detail?.notes_complete ?? true;
  }
}
