import type { AccountState, OperationName, TicketDetail, TicketRow } from '../src/api/generated';

export const ticketRow = (id: number, more: Partial<TicketRow> = {}): TicketRow => ({
  id, remote_id: `T-${id}`, subject: `subject ${id}`, status: 'open', priority: 'routine', customer: '华东支付', vip: false, product: 'SLB', account_id: 1, requester: '周启明', assignee: '', updated_at: 0, last_note: '', pending: 0, local: false, clock: null, ...more,
});

export const ticketDetail = (more: Partial<TicketDetail> = {}): TicketDetail => ({
  id: 1, remote_id: 'T-1', account_id: 1, account_name: 'desk', provider: 'hub', subject: 'subject 1', status: { value: 'open', mirror: 'open', operation: null }, status_raw: 'open', priority: { value: 'routine', mirror: 'routine', operation: null }, product: '',
  customer: { name: '华东支付', vip: false, service_manager: '', deputy: '', city: '', languages: [], ticket_count: 1, open_count: 1 }, requester: '', assignee: { value: '', mirror: '', operation: null }, tags: { value: [], mirror: [], operation: null }, custom_fields: [], due_at: null, sla_name: '', local: false, public_notes: 0, can: ['reply', 'set_status', 'set_priority'], statuses: ['open', 'resolved'], evaluated: null, created_at: 0, updated_at: 0, fate: 'live', merged_into: null, notes: [], notes_complete: true, clocks: [], history: { entries: [], more: 0 }, left_out: [], draft: null, line: null, internal_notes: true, ...more,
});

export const accountState = (id: number, operations: OperationName[] = ['create_ticket']): AccountState => ({
  account: { id, kind: 'hub', name: `desk ${id}`, endpoint: '', user: '', demo: false, ticket_count: 0, last_synced_at: 1, options: { requests_per_minute: null, connections_max: null, poll_s: null, visit_category: '' }, capabilities: { operations, statuses: [], internal_notes: true, file_bytes_max: 0, takes_files: true } },
  state: 'idle', paused: false, progress: null, retry_at: null, error: null,
});
