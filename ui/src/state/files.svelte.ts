// Files on their way in and out: what lies beside a text that is being written, what is dropped, and how far each transfer is.
import type { ApiError, Attachment, DeskEvent, FileProblem, FileRef, Preview } from '../api/generated';
import { asApiError, type Host } from '../host/host';

/** As in crates/domain/src/sync/op.rs; the core looks again. */
export const FILE_BYTES_MAX = 50 * 1024 * 1024;
export const FILES_MAX = 20;
const PROBLEMS_MAX = 5;

type Lying = { files: () => readonly FileRef[]; put: (files: FileRef[]) => void };
type Progress = { done: number; total: number };

/** The files beside one text. Made by whoever owns the text; the list itself stays with its owner. */
export class FileTrayState {
  /** Files that could not be added, and why. */
  problems = $state.raw<FileProblem[]>([]);
  adding = $state(0);
  readonly #host: Host;
  readonly #lying: Lying;

  constructor(host: Host, lying: Lying) {
    this.#host = host;
    this.#lying = lying;
  }

  get files(): readonly FileRef[] {
    return this.#lying.files();
  }

  /** The same bytes are laid down once. */
  add(files: readonly FileRef[], problems: readonly FileProblem[] = []): void {
    const lying = [...this.files];
    const refused: FileProblem[] = [...problems];
    for (const file of files) {
      if (lying.some((one) => one.sha256 === file.sha256)) continue;
      if (lying.length < FILES_MAX) lying.push(file);
      else refused.push({ name: file.name, error: { code: 'input_invalid', args: { field: 'files', limit: String(FILES_MAX) } } });
    }
    if (lying.length !== this.files.length) this.#lying.put(lying);
    this.problems = refused.slice(0, PROBLEMS_MAX);
  }

  remove(file: FileRef): void {
    this.#lying.put(this.files.filter((one) => one.sha256 !== file.sha256));
  }

  forgetProblems(): void {
    this.problems = [];
  }

  /** The system's dialog. */
  async pick(): Promise<void> {
    await this.#adding('', async () => {
      const picked = await this.#host.call('file_pick', {});
      this.add(picked.files, picked.problems);
    });
  }

  /** Takes the files of a paste; false when there are none, and the text is pasted as ever. */
  paste(event: ClipboardEvent): boolean {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return false;
    event.preventDefault();
    void this.#pasted(files);
    return true;
  }

  async #pasted(files: File[]): Promise<void> {
    for (const file of files) {
      if (file.size > FILE_BYTES_MAX) {
        this.problems = [...this.problems, problem(file.name, { code: 'file_too_large', args: {} })].slice(-PROBLEMS_MAX);
        continue;
      }
      await this.#adding(file.name, async () => {
        const base64 = await toBase64(file);
        // A screenshot has no name of its own: browsers call each of them image.png.
        const name = /^image\.\w+$/.test(file.name) ? '' : file.name;
        this.add([await this.#host.call('file_paste', { name, mime: file.type, base64 })]);
      });
    }
  }

  async #adding(name: string, work: () => Promise<void>): Promise<void> {
    this.adding += 1;
    try {
      await work();
    } catch (thrown) {
      this.problems = [...this.problems, problem(name, asApiError(thrown))].slice(-PROBLEMS_MAX);
    } finally {
      this.adding -= 1;
    }
  }
}

const problem = (name: string, error: ApiError): FileProblem => ({ name, error });

async function toBase64(file: Blob): Promise<string> {
  const url = await new Promise<string>((done, failed) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => done(String(reader.result)));
    reader.addEventListener('error', () => failed({ code: 'file_unreadable', args: {} }));
    reader.readAsDataURL(file);
  });
  return url.slice(url.indexOf(',') + 1);
}

export class FilesState {
  /** Files hang over the window. */
  hovering = $state(false);
  /** Bytes of transfers under way, by attachment; newer than what the ticket said when it was read. */
  progress = $state.raw<ReadonlyMap<number, Progress>>(new Map());
  /** Attachment whose opening waits for a yes. */
  asking = $state.raw<Attachment | null>(null);
  /** Attachment being looked at. */
  viewing = $state.raw<{ attachment: Attachment; preview: Preview | null; error: ApiError | null } | null>(null);
  /** What a person started on an attachment and is not done: a second click does nothing. */
  busy = $state.raw<ReadonlySet<number>>(new Set());
  #targets = $state.raw<FileTrayState[]>([]);
  readonly #host: Host;

  constructor(host: Host) {
    this.#host = host;
  }

  tray(lying: Lying): FileTrayState {
    return new FileTrayState(this.#host, lying);
  }

  /** Whoever came last takes what is dropped or pasted: a dialog before the composer behind it. */
  takeInto(tray: FileTrayState): () => void {
    this.#targets = [...this.#targets, tray];
    return () => (this.#targets = this.#targets.filter((one) => one !== tray));
  }

  get target(): FileTrayState | null {
    return this.#targets.at(-1) ?? null;
  }

  event(event: DeskEvent): void {
    if (event.event === 'files_hover') this.hovering = event.over && this.target !== null;
    else if (event.event === 'files_dropped') {
      this.hovering = false;
      this.target?.add(event.files, event.problems);
    } else if (event.event === 'transfer_changed' && event.attachment !== null) {
      const next = new Map(this.progress);
      // The end is told by the ticket itself.
      if (event.done_bytes >= event.total_bytes && event.total_bytes > 0) next.delete(event.attachment);
      else next.set(event.attachment, { done: event.done_bytes, total: event.total_bytes });
      this.progress = next;
    }
  }

  async fetch(id: number): Promise<void> {
    await this.#host.call('attachment_fetch', { id });
  }

  async cancel(id: number): Promise<void> {
    await this.#host.call('attachment_cancel', { id });
    const next = new Map(this.progress);
    next.delete(id);
    this.progress = next;
  }

  /** Shows an image or a text; fetches it first where it is not here. */
  async view(attachment: Attachment): Promise<void> {
    this.viewing = { attachment, preview: null, error: null };
    try {
      const preview = await this.#host.call('attachment_preview', { id: attachment.id });
      if (this.viewing?.attachment.id === attachment.id) this.viewing = { attachment, preview, error: null };
    } catch (thrown) {
      if (this.viewing?.attachment.id === attachment.id) this.viewing = { attachment, preview: null, error: asApiError(thrown) };
    }
  }

  /** With the system's program; what may be a program itself is asked about first. */
  async open(attachment: Attachment, sure = false): Promise<void> {
    await this.#once(attachment.id, async () => {
      const { warn } = await this.#host.call('attachment_open', { id: attachment.id, sure });
      this.asking = warn === null ? null : attachment;
    });
  }

  /** The path that it was written to, or null when the person thought better of it. */
  async saveAs(attachment: Attachment): Promise<string | null> {
    return (await this.#once(attachment.id, () => this.#host.call('attachment_save_as', { id: attachment.id }))) ?? null;
  }

  async #once<T>(id: number, work: () => Promise<T>): Promise<T | undefined> {
    if (this.busy.has(id)) return undefined;
    this.busy = new Set([...this.busy, id]);
    try {
      return await work();
    } finally {
      this.busy = new Set([...this.busy].filter((one) => one !== id));
    }
  }
}
