// Distances on the Earth, in kilometres, and places as people type them.
export type Place = { latitude: number; longitude: number };

const WGS84 = { a: 6_378_137, f: 1 / 298.257_223_563 };
const TURNS_MAX = 100;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/**
 * Length of the shortest way over the ellipsoid (Vincenty 1975, the inverse problem). Nearly opposite points, where the
 * method does not settle, get half the way round.
 */
export function distanceKm(from: Place, to: Place): number {
  const { a, f } = WGS84;
  const b = a * (1 - f);
  const L = radians(to.longitude - from.longitude);
  const u1 = Math.atan((1 - f) * Math.tan(radians(from.latitude)));
  const u2 = Math.atan((1 - f) * Math.tan(radians(to.latitude)));
  const [s1, c1, s2, c2] = [Math.sin(u1), Math.cos(u1), Math.sin(u2), Math.cos(u2)];
  let lambda = L;
  for (let turn = 0; turn < TURNS_MAX; turn += 1) {
    const [sl, cl] = [Math.sin(lambda), Math.cos(lambda)];
    const sinSigma = Math.hypot(c2 * sl, c1 * s2 - s1 * c2 * cl);
    if (sinSigma === 0) return 0;
    const cosSigma = s1 * s2 + c1 * c2 * cl;
    const sigma = Math.atan2(sinSigma, cosSigma);
    const sinAlpha = (c1 * c2 * sl) / sinSigma;
    const cosSqAlpha = 1 - sinAlpha ** 2;
    const cos2m = cosSqAlpha === 0 ? 0 : cosSigma - (2 * s1 * s2) / cosSqAlpha;
    const C = (f / 16) * cosSqAlpha * (4 + f * (4 - 3 * cosSqAlpha));
    const before = lambda;
    lambda = L + (1 - C) * f * sinAlpha * (sigma + C * sinSigma * (cos2m + C * cosSigma * (2 * cos2m ** 2 - 1)));
    if (Math.abs(lambda - before) > 1e-12) continue;
    const uSq = (cosSqAlpha * (a * a - b * b)) / (b * b);
    const A = 1 + (uSq / 16_384) * (4096 + uSq * (uSq * (320 - 175 * uSq) - 768));
    const B = (uSq / 1024) * (256 + uSq * (uSq * (74 - 47 * uSq) - 128));
    const delta = B * sinSigma * (cos2m + (B / 4) * (cosSigma * (2 * cos2m ** 2 - 1) - (B / 6) * cos2m * (4 * sinSigma ** 2 - 3) * (4 * cos2m ** 2 - 3)));
    return (b * A * (sigma - delta)) / 1000;
  }
  return (Math.PI * b) / 1000;
}

/** Zero and zero is what an empty form says. */
export const isPlace = ({ latitude, longitude }: Place): boolean => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180 && (latitude !== 0 || longitude !== 0);
