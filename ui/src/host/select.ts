// Which host this build talks to. The fixture is left out of every build but `--mode fixture`.
import type { Host } from './host';
import { TauriHost } from './tauri';

export async function selectHost(): Promise<Host> {
  if (import.meta.env.MODE === 'fixture') {
    const { FixtureHost } = await import('./fixture');
    return new FixtureHost();
  }
  return new TauriHost();
}
