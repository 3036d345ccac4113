// One registry feeds buttons, menus, the search box and the shortcut sheet.
import { editable, matches, parseCombo, type Combo } from '../lib/keys';

export type ActionGroup = 'go' | 'list' | 'ticket' | 'desk';
export type Action = {
  id: string;
  group: ActionGroup;
  /** Catalogue key of the label. */
  label: string;
  keys: string[];
  run: () => void;
  enabled?: () => boolean;
  /** Left out of the search box: movements that make no sense as a command. */
  silent?: boolean;
  /** A combination that means something else where text is written. */
  outsideText?: boolean;
};

type Bound = Action & { combos: Combo[] };

export class Actions {
  readonly #actions: Bound[] = [];

  add(...actions: Action[]): void {
    for (const action of actions) this.#actions.push({ ...action, combos: action.keys.map(parseCombo) });
  }

  get all(): readonly Action[] {
    return this.#actions;
  }

  get commands(): Action[] {
    return this.#actions.filter((action) => !action.silent && (action.enabled?.() ?? true));
  }

  keysOf(id: string): string[] {
    return this.#actions.find((action) => action.id === id)?.keys ?? [];
  }

  handle(event: KeyboardEvent): void {
    if (event.defaultPrevented) return;
    const typing = editable(event.target);
    // An open menu or dialog owns the keyboard.
    if (event.target instanceof Element && event.target.closest('[role="dialog"],[role="alertdialog"],[role="menu"]')) return;
    for (const action of this.#actions) {
      // While somebody types, plain keys write text; only combinations with Ctrl are ours.
      if (!action.combos.some((combo) => ((combo.mod && !action.outsideText) || !typing) && matches(event, combo)) || !(action.enabled?.() ?? true)) continue;
      event.preventDefault();
      action.run();
      return;
    }
  }
}
