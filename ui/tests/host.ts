// A host whose every answer the test decides; what was not scripted fails the test.
import type { CommandMap, DeskEvent } from '../src/api/generated';
import type { Host } from '../src/host/host';

type Answers = { [K in keyof CommandMap]?: (args: CommandMap[K]['args']) => CommandMap[K]['result'] | Promise<CommandMap[K]['result']> };

export class ScriptedHost implements Host {
  readonly calls: { name: string; args: unknown }[] = [];
  #listener: ((event: DeskEvent) => void) | null = null;

  constructor(readonly answers: Answers) {}

  async call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']> {
    this.calls.push({ name, args: structuredClone(args) });
    const answer = this.answers[name];
    if (!answer) throw new Error(`not scripted: ${name}`);
    return answer(args);
  }

  named(name: keyof CommandMap): unknown[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.args);
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = null);
  }

  emit(event: DeskEvent): void {
    this.#listener?.(event);
  }

  listens(): void {}

  onClosing(): void {}

  shown(): void {}
}

/** A promise that the test settles. */
export function gate<T>(): { promise: Promise<T>; open: (value: T) => void; fail: (error: unknown) => void } {
  let open: (value: T) => void = () => undefined;
  let fail: (error: unknown) => void = () => undefined;
  const promise = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  return { promise, open, fail };
}

/** What must be there for a test to go on. */
export function there<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new Error('nothing there');
  return value;
}
