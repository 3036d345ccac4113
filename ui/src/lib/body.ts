// A plain-text note split into prose and code: fences, or a run of lines indented by four spaces or a tab.

export type BodyPart = { kind: 'prose' | 'code'; text: string };

const indented = (line: string): boolean => /^( {4}|\t)/.test(line);

export function bodyParts(body: string): BodyPart[] {
  const parts: BodyPart[] = [];
  let prose: string[] = [];
  let code: string[] = [];
  let fence = false;
  const flushProse = (): void => {
    const text = prose.join('\n').replace(/^\n+|\s+$/g, '');
    if (text) parts.push({ kind: 'prose', text });
    prose = [];
  };
  const flushCode = (): void => {
    const text = code.join('\n').replace(/\s+$/, '');
    if (text) parts.push({ kind: 'code', text });
    code = [];
  };
  for (const line of body.replace(/\r\n?/g, '\n').split('\n')) {
    if (/^\s*```/.test(line)) {
      if (fence) flushCode();
      else {
        flushCode();
        flushProse();
      }
      fence = !fence;
    } else if (fence) code.push(line);
    else if (indented(line)) {
      flushProse();
      code.push(line.replace(/^( {4}|\t)/, ''));
    } else if (line.trim() === '' && code.length > 0) code.push('');
    else {
      flushCode();
      prose.push(line);
    }
  }
  flushCode();
  flushProse();
  return parts;
}

/** A document for the sandboxed frame: no script, no network, the window's own colours. */
export function frameDocument(html: string, style: { ink: string; link: string; font: string }): string {
  const policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";
  return `<!doctype html><html><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><base target="_blank"><style>body{margin:0;font:13px/1.5 ${style.font.replaceAll('"', "'")};color:${style.ink};overflow-wrap:anywhere}a{color:${style.link}}p{margin:0 0 8px}pre,blockquote{margin:0 0 8px;white-space:pre-wrap}img{max-width:100%}</style></head><body>${html}</body></html>`;
}
