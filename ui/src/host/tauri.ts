// The real window: one rpc command, one event channel.
import { invoke } from '@tauri-apps/api/core';
import { listen } from '@tauri-apps/api/event';
import type { CommandMap, DeskEvent } from '../api/generated';
import { asApiError, type Host } from './host';

export class TauriHost implements Host {
  async call<K extends keyof CommandMap>(name: K, args: CommandMap[K]['args']): Promise<CommandMap[K]['result']> {
    try {
      return await invoke<CommandMap[K]['result']>('rpc', { name, args });
    } catch (thrown) {
      throw asApiError(thrown);
    }
  }

  onEvent(listener: (event: DeskEvent) => void): () => void {
    const stopping = listen<DeskEvent>('desk', (event) => listener(event.payload));
    return () => void stopping.then((stop) => stop());
  }

  painted(): void {
    void invoke('painted', { ms: Math.round(performance.now()) }).catch(() => undefined);
  }
}
