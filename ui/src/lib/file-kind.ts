// A file's kind in a word or two. What is not known by a common name is shown by its ending.
import type { Attachment } from '../api/generated';
import { t } from './l10n.svelte';

const KINDS: readonly (readonly [RegExp, string])[] = [
  [/^image\//, 'file-kind-image'],
  [/^audio\//, 'file-kind-audio'],
  [/^video\//, 'file-kind-video'],
  [/pdf$/, 'file-kind-pdf'],
  [/spreadsheet|excel|csv/, 'file-kind-sheet'],
  [/word|opendocument\.text|rtf/, 'file-kind-document'],
  [/presentation|powerpoint/, 'file-kind-slides'],
  [/zip|compressed|tar|7z|rar|gzip|xz|zstd/, 'file-kind-archive'],
  [/^text\/|json|xml/, 'file-kind-text'],
];

export function fileKind({ mime, name }: Pick<Attachment, 'mime' | 'name'>): string {
  const key = KINDS.find(([pattern]) => pattern.test(mime))?.[1];
  if (key) return t(key);
  const ending = /\.([A-Za-z0-9]{1,10})$/.exec(name)?.[1];
  return ending ? ending.toUpperCase() : t('file-kind-other');
}
