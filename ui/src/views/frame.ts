// Runs at build time only: the frames as HTML, drawn by the components that the desk itself is made of.
import { render } from 'svelte/server';
import type { Language } from '../api/generated';
import type { Host } from '../host/host';
import { l10n } from '../lib/l10n.svelte';
import { Desk } from '../state/desk.svelte';
import Frame from './Frame.svelte';

const nobody: Host = {
  call: () => new Promise<never>(() => undefined),
  onEvent: () => () => undefined,
  listens: () => undefined,
  onClosing: () => undefined,
  shown: () => undefined,
};

function draw(kind: 'desk' | 'gate', language: Language): string {
  l10n.language = language;
  const { body } = render(Frame, { props: { desk: new Desk(nobody), kind } });
  // Nothing takes it over later: no marks for that, and no names that a test would find twice.
  return body.replaceAll(/<!--.*?-->/g, '').replaceAll(/ data-testid="[^"]*"/g, '');
}

/** One template a frame, as `src/first.ts` looks for them. */
export function frames(): string {
  const template = (id: string, html: string): string => `<template id="frame-${id}">${html}</template>`;
  return [
    template('desk-zh-CN', draw('desk', 'zh-CN')),
    template('desk-en', draw('desk', 'en')),
    template('gate', draw('gate', 'zh-CN')),
  ].join('\n');
}
