// A drawn signature as the `d` of an SVG path, in whole units of a pad of a fixed size.
export const WIDTH = 480;
export const HEIGHT = 150;
/** As in crates/domain/src/scheduling/visit.rs. */
export const DRAWING_CHARS_MAX = 100_000;
/** Points nearer than this add nothing that is seen. */
const STEP = 2;

type Point = { x: number; y: number };
const held = (value: number, most: number): number => Math.round(Math.min(Math.max(value, 0), most));
const text = ({ x, y }: Point): string => `${held(x, WIDTH)} ${held(y, HEIGHT)}`;

/** Where the pen comes down; a point by itself is a dot. */
export const strokeStart = (drawing: string | null, at: Point): string => `${drawing ?? ''}M${text(at)}h0`;

/** On with the stroke. */
export function extend(drawing: string, at: Point): string {
  const last = /(\d+) (\d+)(?:h0)?$/.exec(drawing);
  if (last && Math.hypot(Number(last[1]) - at.x, Number(last[2]) - at.y) < STEP) return drawing;
  return `${drawing.endsWith('h0') ? drawing.slice(0, -2) : drawing}L${text(at)}`;
}
