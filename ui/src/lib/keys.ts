// Reading the keyboard without breaking input methods: while a candidate is being composed, every key belongs to it.

type KeyLike = Pick<KeyboardEvent, 'isComposing' | 'keyCode'>;

/** True while an input method owns the key (229 is what older engines send instead of `isComposing`). */
export const composing = (event: KeyLike): boolean => event.isComposing || event.keyCode === 229;

export type Combo = { key: string; mod: boolean; shift: boolean; alt: boolean };

/** "Ctrl+K", "Shift+Enter", "/", "?" or "ArrowDown". Ctrl also matches Cmd on macOS. */
export function parseCombo(text: string): Combo {
  const parts = text.split('+');
  const key = text.endsWith('+') ? '+' : (parts.pop() ?? '');
  const has = (name: string): boolean => parts.includes(name);
  return { key: key.length === 1 ? key.toLowerCase() : key, mod: has('Ctrl'), shift: has('Shift'), alt: has('Alt') };
}

export function matches(event: KeyboardEvent, combo: Combo): boolean {
  if (composing(event)) return false;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const printable = combo.key.length === 1 && !/[a-z0-9]/.test(combo.key);
  return (
    key === combo.key &&
    (event.ctrlKey || event.metaKey) === combo.mod &&
    event.altKey === combo.alt &&
    // "?" already needs Shift on most layouts, and does not on others.
    (printable || event.shiftKey === combo.shift)
  );
}

/** True where typing a letter writes text. */
export function editable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));
}

/** Runs on Enter, unless the Enter commits a composition. */
export const onEnter =
  (run: (event: KeyboardEvent) => void) =>
  (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && !composing(event)) run(event);
  };
