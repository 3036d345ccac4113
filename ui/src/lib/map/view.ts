// A plain map: degrees to pixels on a rectangular graticule, true to scale at 35° north. No borders, nothing fetched.
import type { Place } from '../geo';

export type Point = { x: number; y: number };
export type Size = { width: number; height: number };
/** `scale`: pixels a degree of latitude. */
export type MapView = { latitude: number; longitude: number; scale: number };
export type Box = { left: number; top: number; right: number; bottom: number };

const TRUE_LATITUDE = 35;
const NARROW = Math.cos((TRUE_LATITUDE * Math.PI) / 180);
export const SCALE_MIN = 3;
export const SCALE_MAX = 600;
/** Graticule lines are at least so far apart, in pixels. */
const GRID_PX_MIN = 52;
const GRID_STEPS = [0.25, 0.5, 1, 2, 5, 10, 20, 30];
export const ZOOM_STEP = 1.5;
const PAN_SHARE = 0.2;

export const project = (view: MapView, size: Size, place: Place): Point => ({
  x: size.width / 2 + (place.longitude - view.longitude) * view.scale * NARROW,
  y: size.height / 2 - (place.latitude - view.latitude) * view.scale,
});

export const unproject = (view: MapView, size: Size, at: Point): Place => ({
  latitude: view.latitude - (at.y - size.height / 2) / view.scale,
  longitude: view.longitude + (at.x - size.width / 2) / (view.scale * NARROW),
});

const between = (low: number, value: number, high: number): number => Math.min(Math.max(value, low), high);
const held = (view: MapView): MapView => ({ latitude: between(-85, view.latitude, 85), longitude: between(-180, view.longitude, 180), scale: between(SCALE_MIN, view.scale, SCALE_MAX) });

/** Everything in sight, with a margin in pixels; a single place is shown with what is around it. */
export function fit(places: readonly Place[], size: Size, margin: number): MapView {
  if (places.length === 0) return { latitude: TRUE_LATITUDE, longitude: 105, scale: SCALE_MIN * 4 };
  const [lats, lons] = [places.map((one) => one.latitude), places.map((one) => one.longitude)];
  const [south, north, west, east] = [Math.min(...lats), Math.max(...lats), Math.min(...lons), Math.max(...lons)];
  const tall = Math.max(size.height - 2 * margin, 40) / Math.max(north - south, 1);
  const wide = Math.max(size.width - 2 * margin, 40) / (Math.max(east - west, 1) * NARROW);
  return held({ latitude: (south + north) / 2, longitude: (west + east) / 2, scale: Math.min(tall, wide) });
}

/** Nearer by `factor`, with what is under `at` staying there. */
export function zoom(view: MapView, size: Size, factor: number, at: Point = { x: size.width / 2, y: size.height / 2 }): MapView {
  const under = unproject(view, size, at);
  const scale = between(SCALE_MIN, view.scale * factor, SCALE_MAX);
  return held({ latitude: under.latitude + (at.y - size.height / 2) / scale, longitude: under.longitude - (at.x - size.width / 2) / (scale * NARROW), scale });
}

export const pan = (view: MapView, dx: number, dy: number): MapView => held({ ...view, latitude: view.latitude + dy / view.scale, longitude: view.longitude - dx / (view.scale * NARROW) });

export const panStep = (view: MapView, size: Size, right: number, down: number): MapView => pan(view, -right * size.width * PAN_SHARE, -down * size.height * PAN_SHARE);

export type Line = { at: number; degrees: number };

/** Where the lines of the graticule fall, in pixels. */
export function graticule(view: MapView, size: Size): { meridians: Line[]; parallels: Line[] } {
  const lines = (pxPerDegree: number, from: number, to: number, at: (degrees: number) => number): Line[] => {
    const step = GRID_STEPS.find((one) => one * pxPerDegree >= GRID_PX_MIN) ?? 30;
    const found: Line[] = [];
    for (let n = Math.ceil(from / step); n * step <= to; n += 1) found.push({ at: at(n * step), degrees: n * step });
    return found;
  };
  const [corner, far] = [unproject(view, size, { x: 0, y: size.height }), unproject(view, size, { x: size.width, y: 0 })];
  return {
    meridians: lines(view.scale * NARROW, corner.longitude, far.longitude, (longitude) => project(view, size, { latitude: 0, longitude }).x),
    parallels: lines(view.scale, corner.latitude, far.latitude, (latitude) => project(view, size, { latitude, longitude: 0 }).y),
  };
}

/** The nearest of the others in a direction: within 60° of it, and the straighter the better; null where there is none. */
export function towards<K>(points: readonly { key: K; at: Point }[], from: Point, direction: Point): K | null {
  let best: { key: K; cost: number } | null = null;
  for (const { key, at } of points) {
    const [dx, dy] = [at.x - from.x, at.y - from.y];
    const length = Math.hypot(dx, dy);
    const along = dx * direction.x + dy * direction.y;
    if (length < 0.5 || along < length * 0.5) continue;
    const cost = length * (2 - along / length);
    if (!best || cost < best.cost) best = { key, cost };
  }
  return best?.key ?? null;
}
