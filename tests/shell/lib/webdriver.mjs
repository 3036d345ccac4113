// The part of the W3C WebDriver protocol that the tests use, over fetch.
import { until } from './processes.mjs';

const ELEMENT = 'element-6066-11e4-a52e-4f735466cecf';
const KEYS = { Enter: '\uE007', Escape: '\uE00C', Tab: '\uE004', Control: '\uE009', Shift: '\uE008', ArrowDown: '\uE015', ArrowUp: '\uE013', ArrowLeft: '\uE012', ArrowRight: '\uE014', Backspace: '\uE003' };

export class Session {
  constructor(base, id) {
    this.base = `${base}/session/${id}`;
  }

  static async open(base, binary, args = []) {
    const options = { binary, args };
    const { sessionId } = await call('POST', `${base}/session`, { capabilities: { alwaysMatch: { 'webkitgtk:browserOptions': options } } });
    return new Session(base, sessionId);
  }

  close() {
    return call('DELETE', this.base);
  }

  /** Runs a function of the page with JSON arguments. */
  run(body, ...args) {
    return call('POST', `${this.base}/execute/sync`, { script: `return (${body})(...arguments)`, args });
  }

  /** Runs an asynchronous function of the page with JSON arguments. */
  async runAsync(body, ...args) {
    await call('POST', `${this.base}/timeouts`, { script: 60_000 });
    const script = `const done = arguments[arguments.length - 1];
      Promise.resolve((${body})(...Array.from(arguments).slice(0, -1))).then((value) => done({ value }), (error) => done({ error: String(error && error.message || JSON.stringify(error)) }));`;
    const answer = await call('POST', `${this.base}/execute/async`, { script, args });
    if (answer?.error) throw new Error(answer.error);
    return answer?.value;
  }

  async all(css) {
    const found = await call('POST', `${this.base}/elements`, { using: 'css selector', value: css });
    return found.map((reference) => new Element(this, reference[ELEMENT]));
  }

  /** The first match that can be seen. */
  async see(css, { timeoutMs = 20_000 } = {}) {
    return until(`${css} on screen`, async () => {
      for (const element of await this.all(css)) if (await element.displayed()) return element;
      return null;
    }, { timeoutMs });
  }

  byId(testId, options) {
    return this.see(`[data-testid="${testId}"]`, options);
  }

  allById(testId) {
    return this.all(`[data-testid="${testId}"]`);
  }

  async gone(testId, options) {
    await until(`${testId} to go`, async () => (await this.allById(testId)).length === 0, options);
  }

  async click(testId, options) {
    await until(`a click on ${testId}`, async () => {
      await (await this.byId(testId, options)).click();
      return true;
    }, options);
  }

  /** Presses keys as a person does: names or characters; `Control+Enter` holds the first. */
  async press(...chords) {
    for (const chord of chords) {
      const keys = (chord.length > 1 ? chord.split('+') : [chord]).map((name) => KEYS[name] ?? name);
      const actions = [...keys.map((value) => ({ type: 'keyDown', value })), ...keys.toReversed().map((value) => ({ type: 'keyUp', value }))];
      await call('POST', `${this.base}/actions`, { actions: [{ type: 'key', id: 'keyboard', actions }] });
    }
    await call('DELETE', `${this.base}/actions`);
  }

  /** Presses the mouse on one element, moves it to another in steps, and lets go; `onway` runs before that. */
  async drag(from, to, { steps = 12, onway } = {}) {
    const middle = (element) => this.run('(node) => { const box = node.getBoundingClientRect(); return { x: Math.round(box.x + box.width / 2), y: Math.round(box.y + Math.min(box.height / 2, 24)) }; }', element.reference);
    const [a, b] = [await middle(from), await middle(to)];
    const between = (n) => ({ type: 'pointerMove', duration: 30, x: Math.round(a.x + ((b.x - a.x) * n) / steps), y: Math.round(a.y + ((b.y - a.y) * n) / steps) });
    const perform = (actions) => call('POST', `${this.base}/actions`, { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
    await perform([{ type: 'pointerMove', duration: 0, ...a }, { type: 'pointerDown', button: 0 }, ...Array.from({ length: steps }, (_, n) => between(n + 1))]);
    await onway?.();
    await perform([{ type: 'pointerMove', duration: 20, ...b }, { type: 'pointerUp', button: 0 }]);
    await call('DELETE', `${this.base}/actions`);
  }

  /** One stroke of the mouse over an element, through points as parts of its width and height. */
  async stroke(element, points) {
    const { x, y, width, height } = await this.run('(node) => { const { x, y, width, height } = node.getBoundingClientRect(); return { x, y, width, height }; }', element.reference);
    const [first, ...others] = points.map(([right, down]) => ({ type: 'pointerMove', duration: 30, x: Math.round(x + right * width), y: Math.round(y + down * height) }));
    const actions = [first, { type: 'pointerDown', button: 0 }, ...others, { type: 'pointerUp', button: 0 }];
    await call('POST', `${this.base}/actions`, { actions: [{ type: 'pointer', id: 'mouse', parameters: { pointerType: 'mouse' }, actions }] });
    await call('DELETE', `${this.base}/actions`);
  }

  text() {
    return this.run('() => document.body.innerText');
  }
}

class Element {
  constructor(session, id) {
    this.session = session;
    this.reference = { [ELEMENT]: id };
    this.base = `${session.base}/element/${id}`;
  }

  click() {
    return call('POST', `${this.base}/click`, {});
  }

  type(text) {
    return call('POST', `${this.base}/value`, { text });
  }

  /** In place of what is in the field. */
  async retype(text) {
    await call('POST', `${this.base}/clear`, {});
    return this.type(text);
  }

  text() {
    return call('GET', `${this.base}/text`);
  }

  displayed() {
    return this.session.run('(element) => element.checkVisibility?.() ?? true', this.reference);
  }

  attribute(name) {
    return this.session.run('(element, name) => element.getAttribute(name)', this.reference, name);
  }
}

async function call(method, url, body) {
  const request = { method, signal: AbortSignal.timeout(90_000) };
  if (body !== undefined) Object.assign(request, { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const { value } = await (await fetch(url, request)).json();
  if (value?.error) throw new Error(`${value.error}: ${value.message}`);
  return value;
}
