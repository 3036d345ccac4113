// The visits' screens as they are used from the keyboard, on the invented desk.
import { cleanup, fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { VisitChange } from '../src/api/generated';
import VisitWizard from '../src/features/visits/VisitWizard.svelte';
import Visits from '../src/features/visits/Visits.svelte';
import { FixtureHost } from '../src/host/fixture';
import { wall } from '../src/lib/visits/wall';
import { l10n } from '../src/lib/l10n.svelte';
import type { Desk } from '../src/state/desk.svelte';
import WithDesk from './WithDesk.svelte';

beforeEach(() => l10n.use('en'));
afterEach(cleanup);

function open(part: unknown, query = 'lang=en'): { host: FixtureHost; desk: Desk } {
  const host = new FixtureHost(new URLSearchParams(query));
  let desk: Desk | null = null;
  render(WithDesk, { props: { host, of: part as never, ondesk: (made: Desk) => (desk = made) } });
  if (!desk) throw new Error('no desk');
  return { host, desk };
}
/** The week of the first visit, at its centre, whatever day it is where this runs. */
async function week(host: FixtureHost, desk: Desk): Promise<HTMLElement> {
  await waitFor(() => expect(desk.visits.loaded && desk.visits.centre !== '').toBe(true));
  const { visit } = await host.call('visit_get', { key: 'v0' });
  await desk.visits.choose('1:hangzhou');
  await desk.visits.show(wall(visit.slot?.start ?? 0, 'Asia/Shanghai').date, 'week');
  return waitFor(() => tiles().find((node) => node.dataset['key'] === 'v0') ?? Promise.reject(new Error('not there')));
}
const changes = (host: FixtureHost): VisitChange[] => host.calls.filter((call) => call.name === 'visit_change').map((call) => (call.args as { change: VisitChange }).change);
const tiles = (): HTMLElement[] => screen.queryAllByTestId('visit-tile');

describe('the calendar', () => {
  test('moves a visit by the keyboard alone: taken up, slot by slot, asked, done', async () => {
    const { host, desk } = open(Visits);
    const mine = await week(host, desk);
    mine.focus();
    await fireEvent.keyDown(mine, { key: 'm' });
    await waitFor(() => expect(screen.getByTestId('move-banner')).toBeTruthy());
    await waitFor(() => expect((document.activeElement as HTMLElement).dataset['testid']).toBe('slot-tile'));
    const first = document.activeElement as HTMLElement;
    await fireEvent.keyDown(first, { key: 'ArrowDown' });
    const second = document.activeElement as HTMLElement;
    expect([second.dataset['testid'], second === first]).toEqual(['slot-tile', false]);
    expect(desk.visits.move.at?.slot.start).toBe(Number(second.dataset['start']));
    await fireEvent.click(second);
    await waitFor(() => expect(screen.getByTestId('move-confirm')).toBeTruthy());
    expect(changes(host)).toEqual([]);
    await fireEvent.click(screen.getByTestId('move-confirm'));
    await waitFor(() => expect(changes(host)).toMatchObject([{ action: 'reschedule', centre_id: 'hangzhou', start: Number(second.dataset['start']), reason: '' }]));
    await waitFor(() => expect(desk.visits.move.view).toBeNull());
  });

  test('a visit let go beside every slot is put down by the next click', async () => {
    const { host, desk } = open(Visits);
    const mine = await week(host, desk);
    // jsdom's own pointer events know no place.
    const pointer = (node: EventTarget, name: string, at: number): boolean => node.dispatchEvent(new MouseEvent(name, { bubbles: true, cancelable: true, button: 0, clientX: at, clientY: at }));
    pointer(mine, 'pointerdown', 10);
    pointer(document.body, 'pointermove', 90);
    pointer(document.body, 'pointerup', 90);
    await waitFor(() => expect(screen.getByTestId('move-banner')).toBeTruthy());
    const slot = await waitFor(() => screen.getAllByTestId('slot-tile')[0] as HTMLElement);
    await fireEvent.click(slot);
    await waitFor(() => expect(screen.getByTestId('move-confirm')).toBeTruthy());
  });

  test('Escape puts a visit back, and nothing was asked of anybody', async () => {
    const { host, desk } = open(Visits);
    await fireEvent.keyDown(await week(host, desk), { key: 'm' });
    await waitFor(() => expect(screen.getByTestId('move-banner')).toBeTruthy());
    const [slot] = await waitFor(() => screen.getAllByTestId('slot-tile'));
    await fireEvent.keyDown(slot as HTMLElement, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByTestId('move-banner')).toBeNull());
    expect([desk.visits.move.view, changes(host)]).toEqual([null, []]);
  });

  test('a key that an input method owns takes nothing up', async () => {
    const { host, desk } = open(Visits);
    const mine = await week(host, desk);
    await fireEvent.keyDown(mine, { key: 'm', isComposing: true });
    await fireEvent.keyDown(mine, { key: 'm', ctrlKey: true });
    expect(desk.visits.move.view).toBeNull();
  });

  test('Tab comes to one tile only, and what a tile shows is said whole', async () => {
    const { host, desk } = open(Visits);
    const mine = await week(host, desk);
    expect([...document.querySelectorAll('[data-tile][tabindex="0"]')]).toHaveLength(1);
    expect(mine.textContent).toMatch(/Hardware inspection.*Confirmed, Hangzhou service centre/s);
  });

  test('without visits says what to do', async () => {
    const { desk } = open(Visits, 'lang=en&visits=none');
    await waitFor(() => expect(desk.visits.loaded).toBe(true));
    await desk.visits.show(desk.visits.date, 'list');
    await waitFor(() => expect(screen.getByText('No visits yet')).toBeTruthy());
  });
});

describe('the page of a visit', () => {
  test('offers what is free instead of a slot that was lost; one click takes it', async () => {
    const { host, desk } = open(Visits);
    await waitFor(() => expect(desk.visits.loaded).toBe(true));
    await desk.visits.openVisit('v11');
    await waitFor(() => expect(screen.getByTestId('visit-refusal').dataset['code']).toBe('slot_taken'));
    const [offered] = screen.getAllByTestId('visit-alternative');
    await fireEvent.click(offered as HTMLElement);
    await waitFor(() => expect(host.calls.filter((call) => call.name === 'visit_request')).toMatchObject([{ args: { key: 'v11', booking: { start: Number(offered?.dataset['start']) } } }]));
    await waitFor(() => expect(screen.queryByTestId('visit-refusal')).toBeNull());
  });

  test('past the cut-off says why nothing can be changed, and whom to call', async () => {
    const { desk } = open(Visits);
    await waitFor(() => expect(desk.visits.loaded).toBe(true));
    await desk.visits.openVisit('v10');
    await waitFor(() => expect(screen.getByTestId('visit-late').textContent).toMatch(/takes no changes from 4 h before the visit.*Call Suzhou service centre/s));
    expect((screen.getByTestId('visit-cancel') as HTMLButtonElement).disabled).toBe(true);
    expect((screen.getByTestId('visit-move') as HTMLButtonElement).disabled).toBe(true);
  });

  test('calling off asks for the reason first', async () => {
    const { host, desk } = open(Visits);
    await waitFor(() => expect(desk.visits.loaded).toBe(true));
    await desk.visits.openVisit('v0');
    await fireEvent.click(await waitFor(() => screen.getByTestId('visit-cancel')));
    await fireEvent.input(await waitFor(() => screen.getByLabelText('Reason')), { target: { value: 'site not ready' } });
    expect(changes(host)).toEqual([]);
    await fireEvent.click(screen.getByTestId('visit-cancel-confirm'));
    await waitFor(() => expect(changes(host)).toMatchObject([{ action: 'cancel', reason: 'site not ready' }]));
  });
});

test('the wizard goes from a ticket to a request, and stops where something is missing', async () => {
  const { host, desk } = open(VisitWizard);
  await desk.visitWizard.show(3);
  await waitFor(() => expect((screen.getByTestId('site-name') as HTMLInputElement).value).toBe('华东支付数据中心'));
  await fireEvent.input(screen.getByTestId('contact-name'), { target: { value: '' } });
  await fireEvent.click(screen.getByTestId('wizard-next'));
  await waitFor(() => expect(screen.getByTestId('contact-name').getAttribute('aria-invalid')).toBe('true'));
  await fireEvent.input(screen.getByTestId('contact-name'), { target: { value: '周启明' } });
  await fireEvent.click(screen.getByTestId('wizard-next'));
  await fireEvent.click(await waitFor(() => screen.getByTestId('window-fortnight')));
  const slot = await waitFor(() => screen.getAllByTestId('slot-option')[0] as HTMLInputElement, { timeout: 3000 });
  const start = Number(slot.dataset['start']);
  await fireEvent.click(slot);
  await waitFor(() => expect(desk.visitWizard.wish.start).toBe(start));
  await fireEvent.click(screen.getByTestId('wizard-next'));
  await waitFor(() => expect(screen.getByTestId('wizard-summary').textContent).toContain('Hangzhou service centre'));
  await fireEvent.click(screen.getByTestId('wizard-next'));
  await waitFor(() => expect(host.calls.filter((call) => call.name === 'visit_request')).toMatchObject([{ args: { id: 3, key: null, request: { centre: 'hangzhou', contact: { name: '周启明' } }, booking: { start } } }]));
  await waitFor(() => expect(desk.visitWizard.open).toBe(false));
});

test('the cities stay in sight when the field was left for a moment', async () => {
  const { desk } = open(VisitWizard);
  desk.bookVisit(1);
  const field = await waitFor(() => screen.getByTestId('site-city'));
  await fireEvent.blur(field);
  await fireEvent.input(field, { target: { value: '杭州' } });
  await waitFor(() => expect(screen.getAllByTestId('city-option').length).toBeGreaterThan(0));
  await new Promise((done) => setTimeout(done, 200));
  expect(screen.queryAllByTestId('city-option').length).toBeGreaterThan(0);
});
