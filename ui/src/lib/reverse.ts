// An edit that has landed is undone by its reverse, as long as the ticket still says what it said.
import type { OperationKind, OperationName, Status, TicketDetail } from '../api/generated';

export type Reverse =
  | { command: 'ticket_set_status'; to: Status }
  | { command: 'ticket_set_priority'; to: TicketDetail['priority']['value'] }
  | { command: 'ticket_set_assignee'; to: string }
  | { command: 'ticket_set_tags'; to: string[] }
  | { command: 'ticket_set_custom_field'; field: string; to: string }
  | { command: 'ticket_reopen'; body: '' };

/** Null where there is no way back: words that were sent, or a field that somebody changed since. */
export function reverse(kind: OperationKind, detail: TicketDetail): Reverse | null {
  const can = (name: OperationName): boolean => detail.fate === 'live' && detail.can.includes(name);
  switch (kind.kind) {
    case 'set_status':
      return can('set_status') && detail.status.value === kind.to ? { command: 'ticket_set_status', to: kind.from } : null;
    case 'set_priority':
      return can('set_priority') && detail.priority.value === kind.to ? { command: 'ticket_set_priority', to: kind.from } : null;
    case 'set_assignee':
      return can('set_assignee') && detail.assignee.value === kind.to ? { command: 'ticket_set_assignee', to: kind.from } : null;
    case 'set_tags': {
      const added = kind.to.filter((tag) => !kind.from.includes(tag));
      const removed = kind.from.filter((tag) => !kind.to.includes(tag) && !detail.tags.value.includes(tag));
      return can('set_tags') ? { command: 'ticket_set_tags', to: [...detail.tags.value.filter((tag) => !added.includes(tag)), ...removed] } : null;
    }
    case 'set_custom_field': {
      const now = detail.custom_fields.find(([name]) => name === kind.field)?.[1].value ?? '';
      return can('set_custom_field') && now === kind.to ? { command: 'ticket_set_custom_field', field: kind.field, to: kind.from } : null;
    }
    case 'close':
      if (detail.status.value !== 'closed') return null;
      if (can('set_status') && detail.statuses.includes(kind.from)) return { command: 'ticket_set_status', to: kind.from };
      return can('reopen') ? { command: 'ticket_reopen', body: '' } : null;
    default:
      return null;
  }
}
