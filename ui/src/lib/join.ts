// Links that lead out of the desk: looked at before they are opened, and only by https.

/** Of a link that can be opened; null for any other text. */
export function joinParts(text: string): { host: string; rest: string; href: string; plain: boolean } | null {
  const typed = text.trim();
  // What breaks a line or hides where it leads is no link.
  if (/\s|[<>"\\]|\p{C}/u.test(typed)) return null;
  let url: URL;
  try {
    url = new URL(typed);
  } catch {
    return null;
  }
  if (url.protocol !== 'https:' || url.hostname === '' || url.username !== '' || url.password !== '') return null;
  // Letters of another script that look like Latin ones stand in the address as they are sent: xn--….
  return { host: url.host, rest: `${url.pathname}${url.search}${url.hash}`, href: url.href, plain: !url.hostname.includes('xn--') };
}

export const isJoinUrl = (text: string): boolean => joinParts(text) !== null;
