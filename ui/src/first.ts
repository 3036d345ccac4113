// What the window runs first, small so that it is there first: puts the desk's frame on the screen, asks what every
// start asks, and only then loads the desk itself.
import { ask, framed } from './host/early';

/** A window that nobody sees gets no animation frame; the desk loads behind it all the same. */
const FRAME_WAIT_MS = 400;

/** As src-tauri/src/look.rs writes it: how the last window looked. */
const look = new URLSearchParams(location.search);
const root = document.documentElement;
const dark = look.get('theme') === 'dark' || (look.get('theme') !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
root.dataset['theme'] = dark ? 'dark' : 'light';
root.lang = look.get('language') === 'en' ? 'en' : 'zh-CN';
const frame = document.querySelector<HTMLTemplateElement>(look.get('frame') === 'desk' ? `#frame-desk-${root.lang}` : '#frame-gate');
if (frame) document.getElementById('frame')?.append(frame.content);

const real = import.meta.env.MODE !== 'fixture';
if (real) ask();
await new Promise<void>((resolve) => {
  setTimeout(resolve, FRAME_WAIT_MS);
  requestAnimationFrame(() =>
    requestAnimationFrame(() => {
      if (real) framed();
      resolve();
    }),
  );
});
await import('./main');
