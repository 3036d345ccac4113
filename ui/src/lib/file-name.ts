// A file's name in two parts, so that a narrow place cuts the beginning and never the endings: report.pdf.exe stays an .exe.
const ENDING_MAX = 24;

export function fileName(name: string): { stem: string; ending: string } {
  const found = /(?:\.[^.\s]{1,10}){1,3}$/.exec(name);
  const at = found && found[0].length <= ENDING_MAX ? found.index : name.lastIndexOf('.');
  if (at <= 0 || name.length - at > ENDING_MAX) return { stem: name.slice(0, -8), ending: name.slice(-8) };
  return { stem: name.slice(0, at), ending: name.slice(at) };
}
