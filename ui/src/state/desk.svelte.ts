// The desk: every piece of state, and what an event of the core means to each.
import { getContext, setContext } from 'svelte';
import type { Alert, Conflict, DeskEvent, Keep, Language, OperationId, OperationRecord, ReminderView, TicketDetail, TicketId, VisitView } from '../api/generated';
import type { Host } from '../host/host';
import { t } from '../lib/l10n.svelte';
import { Actions } from './actions.svelte';
import { Alerts } from './alerts.svelte';
import { AppStore } from './app.svelte';
import { BellState } from './bell.svelte';
import { BulkState } from './bulk.svelte';
import { CalendarsState } from './calendars.svelte';
import { CareDrafts } from './care-drafts';
import { CallsState } from './calls.svelte';
import { Catalogues } from './catalogues.svelte';
import { chime } from './chime';
import { Clock } from './clock.svelte';
import { CustomersState } from './customers.svelte';
import { TicketDetailState } from './detail.svelte';
import { DiagnosisState } from './diagnosis.svelte';
import { DirectoryState } from './directory.svelte';
import { NewTicketState } from './new-ticket.svelte';
import { FilesState } from './files.svelte';
import { LiveState } from './live.svelte';
import { OutboxState } from './outbox.svelte';
import { PeopleState } from './people.svelte';
import { fieldName, fieldValue } from '../lib/operation';
import { say } from '../lib/say';
import type { Words } from '../lib/toast';
import type { VisitKey } from '../lib/visits/board';
import { refusalWords, serviceName, zoneOfView } from '../lib/visits/words';
import { aboutWhat } from '../lib/reminder';
import { Reminders } from './reminders.svelte';
import { ReportsState } from './reports.svelte';
import { RobotsState } from './robots.svelte';
import { RulesState } from './rules.svelte';
import { SearchState } from './search.svelte';
import { SyncState } from './sync.svelte';
import { TicketList } from './tickets.svelte';
import { Toasts } from './toasts.svelte';
import { UndoState } from './undo.svelte';
import { VisitAside } from './visit-aside';
import { VisitDrafts } from './visit-drafts';
import { VisitWizardState, type Preset } from './visit-wizard.svelte';
import { thumbnail, VisitPhotosState } from './visit-photos.svelte';
import { VisitWork } from './visit-work.svelte';
import { VisitsState } from './visits.svelte';
import { WatchState } from './watch.svelte';

export const SETTINGS_SECTIONS = ['general', 'accounts', 'rules', 'alerts', 'robots', 'calendar', 'storage', 'about'] as const;
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number];
export type Screen = 'watch' | 'tickets' | 'visits' | 'phones' | 'centres' | 'customers' | 'reports' | 'outbox' | 'settings';

export class Desk {
  screen = $state<Screen>('watch');
  settingsSection = $state<SettingsSection>('general');
  shortcutsOpen = $state(false);
  addingAccount = $state(false);
  /** Raised when the search box should take the focus. */
  searchFocus = $state(0);
  replyFocus = $state(0);
  /** A dialog about the open ticket. */
  asking = $state<'reopen' | 'evaluate' | 'assignee' | 'tag' | null>(null);

  /** A link out of the desk that is being looked at before it is opened. */
  leaving = $state<{ title: string; url: string } | null>(null);

  readonly clock = new Clock();
  readonly toasts = new Toasts(say);
  /** The bell's message on the screen, and how many alerts it stands for. */
  #rung: { toast: number; count: number } | null = null;
  readonly actions = new Actions();
  readonly app: AppStore;
  readonly sync: SyncState;
  readonly tickets: TicketList;
  readonly detail: TicketDetailState;
  readonly outbox: OutboxState;
  readonly watch: WatchState;
  readonly alerts: Alerts;
  readonly bell: BellState;
  readonly reminders: Reminders;
  readonly search: SearchState;
  readonly bulk: BulkState;
  readonly files: FilesState;
  readonly catalogues: Catalogues;
  readonly newTicket: NewTicketState;
  readonly undo: UndoState;
  readonly rules: RulesState;
  readonly reports: ReportsState;
  readonly robots: RobotsState;
  readonly careDrafts: CareDrafts;
  readonly people: PeopleState;
  readonly customers: CustomersState;
  readonly diagnosis: DiagnosisState;
  readonly live: LiveState;
  readonly calendars: CalendarsState;
  readonly directory: DirectoryState;
  readonly calls: CallsState;
  readonly visits: VisitsState;
  readonly visitWizard: VisitWizardState;
  readonly visitWork: VisitWork;
  /** The answer of a provider's people that somebody settles by hand. */
  readonly visitAnswer: VisitAside;
  readonly visitPhotos: VisitPhotosState;

  #ready = false;

  constructor(readonly host: Host) {
    this.app = new AppStore(host);
    this.sync = new SyncState(host);
    this.tickets = new TicketList(host);
    this.detail = new TicketDetailState(host);
    this.outbox = new OutboxState(host);
    this.watch = new WatchState(host);
    this.alerts = new Alerts(host);
    this.bell = new BellState(host);
    this.reminders = new Reminders(host);
    this.search = new SearchState(host);
    this.bulk = new BulkState(host, this.tickets);
    this.files = new FilesState(host);
    this.catalogues = new Catalogues(host);
    this.newTicket = new NewTicketState(host, this.catalogues);
    this.rules = new RulesState(host);
    this.reports = new ReportsState(host);
    this.robots = new RobotsState(host);
    this.careDrafts = new CareDrafts(host);
    this.people = new PeopleState(host, this.careDrafts);
    this.customers = new CustomersState(host);
    this.diagnosis = new DiagnosisState(host, this.careDrafts);
    this.live = new LiveState(host);
    this.calendars = new CalendarsState(host);
    this.directory = new DirectoryState(host);
    this.calls = new CallsState(host);
    const drafts = new VisitDrafts(host);
    this.visits = new VisitsState(host, drafts);
    this.visits.onrefused = (view) => this.#visitRefused(view);
    this.visitWizard = new VisitWizardState(host, drafts);
    this.visitWork = new VisitWork(this.visits, drafts);
    this.visitAnswer = new VisitAside('settle', drafts);
    this.visitPhotos = new VisitPhotosState(host, thumbnail);
    this.undo = new UndoState({
      host, outbox: this.outbox, detail: this.detail, toasts: this.toasts, settings: () => this.app.settings,
      connected: () => this.sync.kind !== 'offline',
      restore: async () => {
        await this.newTicket.takeReturned();
        await this.newTicket.show(this.sync.accounts);
      },
    });
  }

  /** Done as soon as the phase is known; what the phase needs is fetched behind the first frame. */
  async start(): Promise<void> {
    this.host.onEvent((event) => this.#take(event));
    await this.app.load();
    void this.#whenReady();
  }

  /** After a step that may have changed the phase: vault opened, account added or removed. */
  async refreshApp(): Promise<void> {
    await this.app.load();
    await this.#whenReady();
  }

  go(screen: Screen): void {
    if (this.screen === 'tickets' && screen !== 'tickets') this.detail.composer.flush();
    this.screen = screen;
  }

  openSettings(section: SettingsSection): void {
    this.settingsSection = section;
    this.go('settings');
  }

  openTicket(id: TicketId): void {
    this.go('tickets');
    void this.attempt(async () => {
      await Promise.all([this.tickets.locate(id), this.detail.open(id)]);
    });
  }

  /** What to have at hand for a call about a ticket, with the line to call. */
  openCallSheet(ticket: TicketId, subject: string, line: string | null = null): void {
    this.calls.shown = 'lines';
    this.go('phones');
    void this.attempt(async () => {
      await this.calls.about(ticket, subject);
      this.directory.line = line ?? this.calls.answer?.recommendations[0]?.entry.key ?? this.directory.line;
    });
  }

  openVisit(key: VisitKey): void {
    this.go('visits');
    void this.attempt(() => this.visits.openVisit(key));
  }

  /** Asks for a visit: on the open ticket, else asks which one. */
  bookVisit(ticket: TicketId | null, preset: Preset = {}): void {
    void this.attempt(() => Promise.all([this.visitWizard.show(ticket, preset), this.visits.knowCentres()]));
  }

  #visitRefused(view: VisitView): void {
    const what = (): string => (view.refusal ? refusalWords(view.refusal, zoneOfView(view)).what : '');
    this.toasts.plain(() => t('visit-refused', { service: serviceName(view.visit.service), what: what() }), { label: () => t('visit-alternatives-show'), run: () => this.openVisit(view.key) });
  }

  /** A diagnosis session on a ticket: with its customer's person and whoever answers for them. */
  planSession(ticket: TicketDetail): void {
    const { ticketCard, ticket: of } = this.customers;
    const card = of === ticket.id ? ticketCard : null;
    const ours = card?.acting ? [{ name: card.acting, email: card.acting_person?.email ?? '', role: t('customer-manager') }] : [];
    const theirs = ticket.requester ? [{ name: ticket.requester, email: '', role: ticket.customer.name }] : [];
    this.diagnosis.plan({ id: ticket.id, remote_id: ticket.remote_id, subject: ticket.subject }, null, { title: t('session-default-title', { subject: ticket.subject }), now: this.clock.now, people: [...theirs, ...ours] });
  }

  /** Runs something a person asked for; a failure becomes a toast. */
  async attempt(work: () => Promise<unknown>): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (thrown) {
      this.toasts.error(thrown);
      return false;
    }
  }

  /** Runs an edit of the open ticket and offers the way back. */
  edit(text: Words, call: () => Promise<OperationId | null>, waits = false): void {
    void this.attempt(async () => {
      const operation = await call();
      if (operation !== null) this.undo.offer(text, [operation], waits);
    });
  }

  async takeBack(operation: Pick<OperationRecord, 'id'>): Promise<void> {
    await this.undo.takeBack([operation.id]);
  }

  /** A reply that is held or waits goes back into the box, on its own ticket. */
  async editReply(id: OperationId, ticket: TicketId): Promise<void> {
    if (this.screen !== 'tickets' || this.detail.id !== ticket) {
      this.go('tickets');
      if (!(await this.attempt(() => Promise.all([this.tickets.locate(ticket), this.detail.open(ticket)])))) return;
    }
    await this.undo.takeBack([id]);
    this.replyFocus += 1;
  }

  /** One of two values of a field that both sides changed. */
  resolve(id: OperationId, conflict: Conflict | null, keep: Keep): void {
    void this.attempt(async () => {
      if (!(await this.outbox.resolve(id, keep))) return;
      this.detail.reload();
      if (conflict) this.toasts.plain(() => t(`conflict-kept-${keep}`, { field: fieldName(conflict.field), value: fieldValue(conflict.field, conflict[keep]) }));
    });
  }

  language(language: Language): void {
    void this.attempt(() => this.app.change({ language }));
  }

  async #whenReady(): Promise<void> {
    if (this.app.state?.phase !== 'ready') {
      this.#ready = false;
      return;
    }
    if (this.#ready) return;
    this.#ready = true;
    await Promise.all([
      this.watch.load(),
      this.tickets.load(),
      this.attempt(() => this.sync.load()),
      this.attempt(() => this.outbox.load()),
      this.attempt(() => this.alerts.load()),
      this.attempt(() => this.bell.load()),
      this.attempt(() => this.reminders.load()),
      this.careDrafts.load(),
      this.attempt(() => this.visits.loadAhead()),
      this.calls.load(),
    ]);
    void this.directory.load();
  }

  /** In the window too, since the system may show no notifications at all. */
  #ring(alert: Alert): void {
    this.alerts.raised(alert);
    this.watch.changed();
    const { support } = this.bell;
    // One bell at a time: a service that plays sounds has played it.
    if (this.app.settings?.sound && alert.sound && !(support?.available && support.sound)) chime();
    const breached = alert.threshold.kind === 'breach' || alert.deadline_at <= Date.now();
    const text = (): string => t(`notify-title-${alert.metric.replace('_', '-')}${breached ? '-breached' : ''}`, { subject: alert.subject });
    const missing = (): string => (support && !support.available ? say({ code: support.reason ?? 'notification_service_missing', args: {} }).what : '');
    // One message for the bell: what rings while it stands is counted in it, so that many leave the desk free.
    const standing = this.#rung && this.toasts.has(this.#rung.toast) ? this.#rung : null;
    const count = (standing?.count ?? 0) + 1;
    if (standing) this.toasts.dismiss(standing.toast);
    const toast = standing
      ? this.toasts.plain(() => t('alerts-rung-many', { count, last: text() }), { label: () => t('alerts-rung-show'), run: () => (this.bell.open = true) }, null, missing)
      : this.toasts.plain(text, { label: () => t('action-open'), run: () => this.openTicket(alert.ticket_id) }, null, missing);
    this.#rung = { toast, count };
  }

  /** An appointment, in the window too. */
  #remind(reminder: ReminderView): void {
    const { support } = this.bell;
    if (this.app.settings?.sound && !(support?.available && support.sound)) chime();
    const open = (): void => {
      if (reminder.kind === 'visit') this.openVisit(reminder.subject);
      else if (reminder.ticket_id !== null) this.openTicket(reminder.ticket_id);
      else this.bell.open = true;
    };
    this.toasts.plain(() => aboutWhat(reminder, Date.now()), { label: () => t('action-open'), run: open }, null, () => reminder.about.title);
  }

  /** A notification service that went is said once, and so is one that came back. */
  async #notifierChanged(): Promise<void> {
    const before = this.bell.support;
    await this.bell.load();
    const now = this.bell.support;
    if (!before || !now || before.available === now.available) return;
    if (now.available) this.toasts.plain(() => t('alerts-notifier-back', { server: now.server }));
    else this.toasts.error({ code: now.reason ?? 'notification_service_missing', args: {} });
  }

  #take(event: DeskEvent): void {
    switch (event.event) {
      case 'state_changed':
        this.app.take(event.state);
        void this.#whenReady();
        break;
      case 'sync_changed':
        this.sync.tell(event.status);
        break;
      case 'tickets_changed':
        this.tickets.changed();
        this.watch.changed();
        this.customers.changed();
        this.detail.changed(event.ids, event.many);
        this.visitPhotos.changed(event.ids, event.many);
        break;
      case 'outbox_changed':
        this.outbox.waiting = event.waiting;
        this.outbox.rejected = event.rejected;
        void this.attempt(() => this.outbox.load());
        this.detail.reload();
        this.visitPhotos.changed([], true);
        break;
      case 'alert_raised':
        this.#ring(event.alert);
        break;
      case 'alerts_changed':
        void this.attempt(() => Promise.all([this.alerts.load(), this.bell.load()]));
        break;
      case 'reminder_raised':
        this.#remind(event.reminder);
        break;
      case 'reminders_changed':
        void this.attempt(() => Promise.all([this.reminders.load(), this.bell.load()]));
        break;
      case 'robots_changed':
        void this.attempt(() => this.robots.changed());
        break;
      case 'customers_changed':
        void this.attempt(() => Promise.all([this.people.changed(), this.customers.refresh()]));
        break;
      case 'diagnoses_changed':
        void this.attempt(() => this.diagnosis.changed());
        break;
      case 'calendars_changed':
        void this.attempt(() => Promise.all([this.calendars.changed(), this.live.changed()]));
        break;
      case 'notifier_changed':
        void this.attempt(() => this.#notifierChanged());
        break;
      case 'replay_changed':
        this.reports.event(event);
        break;
      case 'visits':
        this.visits.changed();
        break;
      case 'open_visit':
        this.openVisit(event.key);
        break;
      case 'open_ticket':
        this.openTicket(event.id);
        break;
      default:
        this.files.event(event);
    }
  }
}

const KEY = Symbol('desk');
export const provideDesk = (desk: Desk): Desk => setContext(KEY, desk);
export const useDesk = (): Desk => getContext<Desk>(KEY);
