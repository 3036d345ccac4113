// Before the desk's own script has loaded: the questions of every start are asked, and events are kept for it.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { CommandMap, DeskEvent } from '../api/generated';

const QUESTIONS = ['app_state', 'watch'] as const satisfies (keyof CommandMap)[];
/** Events kept until the desk listens; past it the oldest goes, and the desk is told to look at everything. */
const KEPT_MAX = 200;

const answers = new Map<string, Promise<unknown>>();
let kept: DeskEvent[] = [];
let overflowed = false;
let listener: ((event: DeskEvent) => void) | null = null;

function hear(event: DeskEvent): void {
  if (listener) {
    listener(event);
    return;
  }
  kept.push(event);
  if (kept.length > KEPT_MAX) {
    kept.shift();
    overflowed = true;
  }
}

export function ask(): void {
  void listen<DeskEvent>('desk', (event) => hear(event.payload));
  for (const name of QUESTIONS) {
    const answer = invoke('rpc', { name, args: {} });
    // Whoever takes the answer takes the failure with it.
    answer.catch(() => undefined);
    answers.set(name, answer);
  }
}

/** The answer to a question that was asked early; once. */
export function answered(name: string): Promise<unknown> | undefined {
  const answer = answers.get(name);
  answers.delete(name);
  return answer;
}

/** Answers that nobody took by now would be old when they are taken. */
export const forget = (): void => answers.clear();

/** Takes what was kept, and everything from now on. Returns the function that stops. */
export function take(to: (event: DeskEvent) => void): () => void {
  listener = to;
  const missed: DeskEvent[] = overflowed ? [...kept, { event: 'tickets_changed', ids: [], many: true }] : kept;
  kept = [];
  overflowed = false;
  for (const event of missed) to(event);
  return () => {
    if (listener === to) listener = null;
  };
}

/** The shell asks before the window goes, and waits for the answer, though not for long. */
export function closing(store: () => Promise<void>): void {
  void listen('closing', () => void store().finally(() => void invoke('stored').catch(() => undefined)));
}

const sincePageStart = (): number => Math.round(performance.now());

export const framed = (): void => void invoke('framed', { ms: sincePageStart() }).catch(() => undefined);
export const listens = (): void => void invoke('listening').catch(() => undefined);
export const shown = (): void => void invoke('shown', { ms: sincePageStart() }).catch(() => undefined);
