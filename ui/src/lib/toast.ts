// A short message that goes away by itself, as its list shows it.
export type ToastAction = { label: string; run: () => void };
export type Toast = {
  id: number;
  tone: 'plain' | 'error';
  text: string;
  next: string;
  action: ToastAction | null;
  /** When the action stops being possible: the seconds until then are counted down beside it. */
  until: number | null;
};
export type ToastList = { readonly list: Toast[]; dismiss(id: number): void };
