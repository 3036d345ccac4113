// A short message that goes away by itself, as its list shows it.
/** A text in the language of the moment it is shown in: asked for again when another one is chosen. */
export type Words = () => string;
export type ToastAction = { label: Words; run: () => void };
export type Toast = {
  id: number;
  tone: 'plain' | 'error';
  text: Words;
  next: Words;
  action: ToastAction | null;
  /** When the action stops being possible: the seconds until then are counted down beside it. */
  until: number | null;
};
export type ToastList = { readonly list: Toast[]; dismiss(id: number): void };
