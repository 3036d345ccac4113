// The real window: one rpc command, one event channel.
import { invoke } from '@tauri-apps/api/core';
import type { CommandMap, DeskEvent } from '../api/generated';
import { answered, closing, forget, listens, shown, take } from './early';
import { asApiError, type Host } from './host';

export class TauriHost implements Host {
  async call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']> {
    try {
      const early = Object.keys(args).length === 0 ? answered(name) : undefined;
      return (await (early ?? invoke('rpc', { name, args }))) as CommandMap[K]['result'];
    } catch (thrown) {
      throw asApiError(thrown);
    }
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    return take(listener);
  }

  listens(): void {
    forget();
    listens();
  }

  onClosing(store: () => Promise<void>): void {
    closing(store);
  }

  shown(): void {
    shown();
  }
}
