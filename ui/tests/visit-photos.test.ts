// Photos on a visit: which attachment each is, its small picture, and what happens to those that cannot be added.
import { describe, expect, test, vi } from 'vitest';
import type { Attachment, FileRef, TicketDetail } from '../src/api/generated';
import { paired, VisitPhotosState } from '../src/state/visit-photos.svelte';
import { ScriptedHost } from './host';
import { view as viewOf } from './visits';

const photo = (name: string, sha256: string, size_bytes = 10): FileRef => ({ sha256, name, mime: 'image/png', size_bytes });
const file = (id: number, name: string, more: Partial<Attachment> = {}): Attachment => ({ id, name, mime: 'image/png', size_bytes: 10, state: 'here', done_bytes: 10, code: null, preview: 'image', ...more });

describe('photos', () => {
  test('of one name and size are told apart: no attachment stands for two', () => {
    const found = paired([photo('image.png', 'a'), photo('image.png', 'b'), photo('rack.jpg', 'c')], [file(1, 'image.png'), file(2, 'image.png'), file(3, 'rack.jpg', { size_bytes: 99 })]);
    expect(found.map(({ attachment }) => attachment?.id ?? null)).toEqual([1, 2, null]);
  });

  test('are followed on their way, and pictured once', async () => {
    let state: Attachment['state'] = 'queued';
    const host = new ScriptedHost({
      ticket_get: () => ({ notes: [{ attachments: [file(-65, 'image.png', { state })] }] }) as unknown as TicketDetail,
      attachment_preview: () => ({ kind: 'image', mime: 'image/png', base64: 'AAAA' }),
    });
    const photos = new VisitPhotosState(host, async (source) => `small ${source}`);
    await photos.show(viewOf('m1', { photos: [photo('image.png', 'a')] }));
    expect(photos.list[0]?.attachment?.state).toBe('queued');
    await vi.waitFor(() => expect(photos.pictures.get('a')).toBe('small data:image/png;base64,AAAA'));
    state = 'sent';
    photos.changed([99], false);
    photos.changed([1], false);
    await vi.waitFor(() => expect(photos.list[0]?.attachment?.state).toBe('sent'));
    expect([host.named('ticket_get').length, host.named('attachment_preview').length]).toEqual([2, 1]);
  });

  test('that cannot be added are named with the reason, and the others are', async () => {
    const host = new ScriptedHost({ visit_photo_add: ({ key, file: one }) => {
      if (one.name === 'gone.png') throw { code: 'file_missing', args: {} };
      return viewOf(key);
    } });
    const problems = await new VisitPhotosState(host, async () => null).add(viewOf('m1', { photos: [photo('there.png', 'z')] }), [photo('gone.png', 'a'), photo('rack.png', 'b'), photo('there-again.png', 'z')]);
    expect(problems.map(({ name, error }) => [name, error.code])).toEqual([['gone.png', 'file_missing']]);
    expect(host.named('visit_photo_add')).toHaveLength(2);
  });
});
