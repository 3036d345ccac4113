// Every action a person can take from the keyboard, the search box or the shortcut sheet.
import type { OperationName } from '../api/generated';
import { t } from '../lib/l10n.svelte';
import type { Desk } from '../state/desk.svelte';

export function registerActions(desk: Desk): void {
  const inTickets = (): boolean => desk.screen === 'tickets';
  const opened = (): boolean => inTickets() && desk.detail.id !== null;
  const can = (name: OperationName): boolean => opened() && desk.detail.detail?.fate === 'live' && desk.detail.detail.can.includes(name);
  const pick = (): void => {
    if (desk.tickets.cursor < 0) desk.tickets.select(0);
    desk.bulk.toggle(desk.tickets.cursor);
  };
  const step = (by: number): void => {
    const { tickets } = desk;
    if (tickets.total === 0) return;
    const from = tickets.cursor < 0 && by < 0 ? 0 : tickets.cursor;
    const row = tickets.select(Math.min(Math.max(from + by, 0), tickets.total - 1));
    if (row) void desk.attempt(() => desk.detail.open(row.id));
  };
  desk.actions.add(
    { id: 'search', group: 'go', label: 'do-search', keys: ['Ctrl+k', '/'], run: () => (desk.searchFocus += 1), silent: true },
    { id: 'watch', group: 'go', label: 'do-watch', keys: ['Ctrl+1'], run: () => desk.go('watch') },
    { id: 'tickets', group: 'go', label: 'do-tickets', keys: ['Ctrl+2'], run: () => desk.go('tickets') },
    { id: 'visits', group: 'go', label: 'do-visits', keys: ['Ctrl+3'], run: () => desk.go('visits') },
    { id: 'phones', group: 'go', label: 'do-phones', keys: ['Ctrl+4'], run: () => desk.go('phones') },
    { id: 'centres', group: 'go', label: 'do-centres', keys: ['Ctrl+5'], run: () => desk.go('centres') },
    { id: 'customers', group: 'go', label: 'do-customers', keys: ['Ctrl+6'], run: () => desk.go('customers') },
    { id: 'reports', group: 'go', label: 'do-reports', keys: ['Ctrl+7'], run: () => desk.go('reports') },
    { id: 'outbox', group: 'go', label: 'do-outbox', keys: ['Ctrl+8'], run: () => desk.go('outbox') },
    { id: 'settings', group: 'go', label: 'do-settings', keys: ['Ctrl+,'], run: () => desk.go('settings') },
    { id: 'bell', group: 'go', label: 'do-bell', keys: ['b'], run: () => (desk.bell.open = !desk.bell.open) },
    { id: 'next', group: 'list', label: 'do-next', keys: ['j'], run: () => step(1), enabled: inTickets, silent: true },
    { id: 'previous', group: 'list', label: 'do-previous', keys: ['k'], run: () => step(-1), enabled: inTickets, silent: true },
    { id: 'pick', group: 'list', label: 'do-pick', keys: ['x'], run: () => pick(), enabled: inTickets, silent: true },
    { id: 'reply', group: 'ticket', label: 'do-reply', keys: ['r'], run: () => { desk.detail.composer.address('public'); desk.replyFocus += 1; }, enabled: opened },
    { id: 'internal', group: 'ticket', label: 'do-internal', keys: ['i'], run: () => { desk.detail.composer.address('internal'); desk.replyFocus += 1; }, enabled: () => opened() && desk.detail.detail?.internal_notes === true },
    { id: 'resolve', group: 'ticket', label: 'do-resolve', keys: ['e'], run: () => desk.edit(() => t('toast-status', { value: t('status-resolved') }), () => desk.detail.setStatus('resolved')), enabled: () => can('set_status') && desk.detail.detail?.statuses.includes('resolved') === true && desk.detail.detail.status.value !== 'resolved' },
    { id: 'call', group: 'ticket', label: 'do-call', keys: ['p'], run: () => { const ticket = desk.detail.detail; if (ticket) desk.openCallSheet(ticket.id, ticket.subject); }, enabled: opened },
    { id: 'call-notes', group: 'desk', label: 'do-call-notes', keys: ['Ctrl+Shift+n'], run: () => { const [call] = desk.calls.running; if (call) desk.calls.opened = desk.calls.opened === call.call.id ? null : call.call.id; }, enabled: () => desk.calls.running.length > 0 },
    { id: 'assign', group: 'ticket', label: 'do-assign', keys: ['a'], run: () => (desk.asking = 'assignee'), enabled: () => can('set_assignee') },
    { id: 'tag', group: 'ticket', label: 'do-tag', keys: ['t'], run: () => (desk.asking = 'tag'), enabled: () => can('set_tags') },
    { id: 'visit', group: 'ticket', label: 'do-visit', keys: ['v'], run: () => desk.bookVisit(opened() ? desk.detail.id : null), enabled: () => opened() || desk.screen === 'visits' },
    { id: 'session', group: 'ticket', label: 'do-session', keys: ['d'], run: () => { if (desk.detail.detail) desk.planSession(desk.detail.detail); }, enabled: () => opened() && desk.detail.detail?.fate === 'live' },
    { id: 'close-on-server', group: 'ticket', label: 'do-close-on-server', keys: [], run: () => desk.edit(() => t('toast-close'), () => desk.detail.closeOnServer()), enabled: () => can('close') },
    { id: 'reopen', group: 'ticket', label: 'do-reopen', keys: [], run: () => (desk.asking = 'reopen'), enabled: () => can('reopen') },
    { id: 'evaluate', group: 'ticket', label: 'do-evaluate', keys: [], run: () => (desk.asking = 'evaluate'), enabled: () => can('evaluate') },
    { id: 'close-ticket', group: 'ticket', label: 'do-close-ticket', keys: ['Escape'], run: () => (desk.bulk.size > 0 ? desk.bulk.clear() : desk.detail.close()), enabled: () => opened() || (inTickets() && desk.bulk.size > 0), silent: true },
    { id: 'new', group: 'desk', label: 'do-new', keys: ['c'], run: () => void desk.attempt(() => desk.newTicket.show(desk.sync.accounts)) },
    { id: 'undo', group: 'desk', label: 'do-undo', keys: ['Ctrl+z'], run: () => void desk.undo.last(), outsideText: true },
    { id: 'sync', group: 'desk', label: 'do-sync', keys: ['Ctrl+r'], run: () => void desk.attempt(() => desk.sync.now()) },
    { id: 'offline', group: 'desk', label: 'do-offline', keys: [], run: () => void desk.attempt(() => desk.app.change({ work_offline: !desk.app.settings?.work_offline })) },
    { id: 'language', group: 'desk', label: 'language-switch', keys: ['Ctrl+Shift+l'], run: () => desk.language(desk.app.settings?.language === 'en' ? 'zh-CN' : 'en') },
    { id: 'theme', group: 'desk', label: 'do-theme', keys: ['Ctrl+Shift+d'], run: () => void desk.attempt(() => desk.app.change({ theme: document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark' })) },
    { id: 'account', group: 'desk', label: 'account-add-title', keys: [], run: () => (desk.addingAccount = true) },
    { id: 'shortcuts', group: 'desk', label: 'shortcuts-title', keys: ['?'], run: () => (desk.shortcutsOpen = true) },
  );
}
