// What the window asks of the machine it runs on. The only other files that know more are this folder's adapters.
import type { ApiError, CommandMap, DeskEvent } from '../api/generated';
import { isCode } from '../lib/codes';

export interface Host {
  call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']>;
  /** Returns the function that stops listening. */
  onEvent(listener: (event: DeskEvent) => void): () => void;
  /** Told once: from now on an event is taken. */
  listens(): void;
  /** Before the window closes, `store` runs, and a moment is given to it. */
  onClosing(store: () => Promise<void>): void;
  /** Told once, after the second animation frame with what the desk answered. */
  shown(): void;
}

/** Whatever was thrown, as the error the catalogue can say. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown && typeof thrown === 'object' && 'code' in thrown && typeof thrown.code === 'string' && isCode(thrown.code)) {
    const args: Record<string, string> = {};
    if ('args' in thrown && thrown.args && typeof thrown.args === 'object') {
      for (const [name, value] of Object.entries(thrown.args)) args[name] = String(value);
    }
    return { code: thrown.code, args };
  }
  return { code: 'internal', args: { detail: thrown instanceof Error ? thrown.message : '' } };
}
