/** The date here and now, as YYYY-MM-DD. */
export function today(at = Date.now()): string {
  const now = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
