// The system's file dialog, answered by keyboard.
import { until } from './processes.mjs';

const tool = (desk, ...args) => desk.desktop.run('xdotool', args);

/** Names a file in the system's dialog as a person with a keyboard does. */
export async function answerDialog(desk, file) {
  // A window that goes while they are listed ends the search.
  const main = await until('the window', async () => (await tool(desk, 'search', '--onlyvisible', '--name', '^Deskbell')).split('\n')[0]);
  const dialog = await until('the dialog', async () => {
    const windows = (await tool(desk, 'search', '--onlyvisible', '--class', 'deskbell')).trim().split('\n');
    return windows.find((window) => window !== main);
  });
  await tool(desk, 'windowactivate', '--sync', dialog);
  await desk.desktop.picture('dialog.png');
  // The line for a path takes a moment to come; what is typed before is lost.
  await tool(desk, 'key', '--clearmodifiers', 'ctrl+l');
  await new Promise((done) => setTimeout(done, 800));
  await tool(desk, 'key', '--clearmodifiers', 'ctrl+a');
  await tool(desk, 'type', '--delay', '20', file);
  await new Promise((done) => setTimeout(done, 300));
  // Pressed again only while the dialog is there: the button behind it would open another one.
  const isThere = async () => (await tool(desk, 'search', '--onlyvisible', '--class', 'deskbell')).split('\n').includes(dialog);
  await until('the dialog to go', async () => {
    if (await isThere()) await tool(desk, 'key', 'Return');
    await new Promise((done) => setTimeout(done, 700));
    return !(await isThere());
  });
}
