// The photos of the visit whose page is open: how far each is on its way to the ticket, and a small picture of it.
import type { ApiError, Attachment, FileProblem, FileRef, TicketId, VisitView } from '../api/generated';
import { asApiError, type Host } from '../host/host';
import { newMarker } from '../lib/marker';
import { Debounce } from './debounce';

const REFRESH_MS = 150;
/** Small pictures kept; the oldest goes first. */
const PICTURES_MAX = 120;

export type Photo = { file: FileRef; attachment: Attachment | null };
/** Makes a small picture of a large one; null where it is none. */
type Shrink = (source: string) => Promise<string | null>;

/** What is shown of a photo comes from the ticket that carries it: each attachment stands for one photo. */
export function paired(photos: readonly FileRef[], attachments: readonly Attachment[]): Photo[] {
  const free = [...attachments];
  return photos.map((file) => {
    const at = free.findIndex((one) => one.name === file.name && (one.size_bytes === file.size_bytes || one.size_bytes === 0));
    return { file, attachment: at < 0 ? null : (free.splice(at, 1)[0] ?? null) };
  });
}

export class VisitPhotosState {
  list = $state.raw<Photo[]>([]);
  pictures = $state.raw<ReadonlyMap<string, string>>(new Map());
  #view: VisitView | null = null;
  #turn = 0;
  /** Asked for already: a picture that cannot be made is not tried with every change. */
  readonly #asked = new Set<string>();
  readonly #host: Host;
  readonly #shrink: Shrink;
  readonly #refresh = new Debounce(() => void this.#load().catch(() => undefined), REFRESH_MS);

  constructor(host: Host, shrink: Shrink) {
    this.#host = host;
    this.#shrink = shrink;
  }

  async show(view: VisitView): Promise<void> {
    if (this.#view?.key !== view.key) this.list = [];
    this.#view = view;
    await this.#load();
  }

  leave(): void {
    this.#view = null;
    this.#refresh.cancel();
  }

  /** The ticket or the outbox changed. */
  changed(ids: readonly TicketId[], many: boolean): void {
    const ticket = this.#view?.ticket ?? null;
    if (ticket !== null && (many || ids.includes(ticket)) && this.#view?.photos.length) this.#refresh.call();
  }

  /** Adds them one after another; answers what could not be added, and why. */
  async add(view: VisitView, files: readonly FileRef[]): Promise<FileProblem[]> {
    const problems: FileProblem[] = [];
    const there = new Set(view.photos.map((photo) => photo.sha256));
    for (const file of files.filter((one) => !there.has(one.sha256))) {
      try {
        await this.#host.call('visit_photo_add', { key: view.key, file, marker: newMarker() });
      } catch (thrown) {
        const error: ApiError = asApiError(thrown);
        problems.push({ name: file.name, error });
      }
    }
    return problems;
  }

  async #load(): Promise<void> {
    const view = this.#view;
    if (!view) return;
    const turn = ++this.#turn;
    if (view.ticket === null || view.photos.length === 0) {
      this.list = paired(view.photos, []);
      return;
    }
    const { notes } = await this.#host.call('ticket_get', { id: view.ticket });
    if (turn !== this.#turn) return;
    this.list = paired(view.photos, notes.flatMap((note) => note.attachments));
    for (const photo of this.list) void this.#picture(photo);
  }

  async #picture({ file: { sha256 }, attachment }: Photo): Promise<void> {
    if (!attachment || attachment.preview !== 'image' || attachment.state === 'failed' || this.#asked.has(sha256)) return;
    this.#asked.add(sha256);
    try {
      const preview = await this.#host.call('attachment_preview', { id: attachment.id });
      const small = preview.kind === 'image' ? await this.#shrink(`data:${preview.mime};base64,${preview.base64}`) : null;
      if (small !== null) this.pictures = new Map([...this.pictures, [sha256, small] as const].slice(-PICTURES_MAX));
    } catch {
      // Its name stands there; the next change asks again.
      this.#asked.delete(sha256);
    }
  }
}

/** Pixels of a side, twice what is shown, for fine screens. */
const SIDE = 112;

/** The middle of an image, small. */
export async function thumbnail(source: string): Promise<string | null> {
  const image = new Image();
  image.src = source;
  try {
    await image.decode();
  } catch {
    return null;
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = SIDE;
  const context = canvas.getContext('2d');
  const side = Math.min(image.naturalWidth, image.naturalHeight);
  if (!context || side === 0) return null;
  context.drawImage(image, (image.naturalWidth - side) / 2, (image.naturalHeight - side) / 2, side, side, 0, 0, SIDE, SIDE);
  return canvas.toDataURL('image/png');
}
