// The size of Deskbell's window.
import { until } from './processes.mjs';

/** In pixels, as the page sees it but for what the frame takes. */
export async function resize(desk, width, height) {
  const [window] = await until('the window', async () => (await desk.desktop.run('xdotool', ['search', '--onlyvisible', '--name', '^Deskbell'])).trim().split('\n'));
  await desk.desktop.run('xdotool', ['windowsize', window, String(width), String(height)]);
  await until(`a window of ${width} × ${height}`, () => desk.page.run('(width) => Math.abs(innerWidth - width) < 40', width));
}
