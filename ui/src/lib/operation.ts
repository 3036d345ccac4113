// An edit in words: what it does, what it says, and how the values of a field are read.
import type { OperationKind, Priority, Status } from '../api/generated';
import { l10n, t } from './l10n.svelte';
import { momentWithTime } from './time';

export const statusName = (status: Status): string => t(`status-${status.replace('_', '-')}`);
export const priorityName = (priority: Priority): string => t(`priority-${priority}`);
export const tagList = (tags: readonly string[]): string => (tags.length > 0 ? tags.join(l10n.language === 'zh-CN' ? '、' : ', ') : t('value-none'));
const named = (value: string): string => value || t('value-none');

/** One line: what the edit changes. */
export function operationTitle(kind: OperationKind): string {
  switch (kind.kind) {
    case 'create_ticket':
      return t('outbox-create');
    case 'reply':
      return t(kind.visibility === 'internal' ? 'outbox-internal' : 'outbox-reply');
    case 'set_status':
      return t('outbox-status', { from: statusName(kind.from), to: statusName(kind.to) });
    case 'set_priority':
      return t('outbox-priority', { from: priorityName(kind.from), to: priorityName(kind.to) });
    case 'set_assignee':
      return t('outbox-assignee', { from: kind.from || t('ticket-nobody'), to: kind.to || t('ticket-nobody') });
    case 'set_tags':
      return tagsTitle(kind.from, kind.to);
    case 'set_custom_field':
      return t('outbox-custom-field', { field: kind.field, from: named(kind.from), to: named(kind.to) });
    case 'close':
      return t('outbox-close');
    case 'reopen':
      return t('outbox-reopen');
    case 'evaluate':
      return t(kind.solved ? 'outbox-evaluate-solved' : 'outbox-evaluate-unsolved', { score: kind.score });
    case 'attach':
      return t(kind.visibility === 'internal' ? 'outbox-attach-internal' : 'outbox-attach', { name: kind.file.name });
    case 'request_visit':
      return t('outbox-visit-request', { service: t(`service-${kind.request.service}`) });
    case 'change_visit':
      return t(`outbox-visit-${kind.change.action ?? 'edit'}`);
  }
}

function tagsTitle(from: readonly string[], to: readonly string[]): string {
  const added = to.filter((tag) => !from.includes(tag));
  const removed = from.filter((tag) => !to.includes(tag));
  if (removed.length === 0) return t('outbox-tags-added', { tags: tagList(added) });
  if (added.length === 0) return t('outbox-tags-removed', { tags: tagList(removed) });
  return t('outbox-tags', { added: tagList(added), removed: tagList(removed) });
}

/** The text a person wrote with it; empty where there is none. */
export function operationText(kind: OperationKind): string {
  switch (kind.kind) {
    case 'create_ticket':
      return kind.ticket.body;
    case 'reply':
    case 'reopen':
      return kind.body;
    case 'evaluate':
      return kind.comment;
    case 'request_visit':
      return kind.request.note;
    case 'change_visit':
      return kind.change.reason;
    default:
      return '';
  }
}

/** What taking it back does, as the last question before it. */
export function discardQuestion(kind: OperationKind): string {
  if (kind.kind === 'reply') return t('outbox-discard-reply');
  if (kind.kind === 'create_ticket') return t('outbox-discard-create');
  if (kind.kind === 'attach') return t('outbox-discard-attach');
  if (kind.kind === 'reopen' || kind.kind === 'evaluate') return t('outbox-discard-said');
  if (kind.kind === 'request_visit') return t('outbox-discard-visit');
  return t('outbox-discard-field');
}

const STATUSES: readonly string[] = ['new', 'open', 'waiting_customer', 'waiting_vendor', 'resolved', 'closed'];
const PRIORITIES: readonly string[] = ['urgent', 'important', 'routine'];

/** The field of a conflict: one of ours, or a custom field by its own name. */
export function fieldName(field: string): string {
  return ['status', 'priority', 'assignee', 'tags', 'visit'].includes(field) ? t(`field-${field}`) : field;
}

/** A visit in a conflict: its state, and behind a blank when it begins. */
function visitValue(value: string): string {
  const [state = '', start = ''] = value.split(' ');
  const at = Date.parse(start);
  const words = t(`visit-state-${state}`);
  return Number.isNaN(at) ? words : `${words} · ${momentWithTime(at, Date.now())}`;
}

/** A value of a conflict as people read it. */
export function fieldValue(field: string, value: string): string {
  if (field === 'status' && STATUSES.includes(value)) return t(`status-${value.replace('_', '-')}`);
  if (field === 'priority' && PRIORITIES.includes(value)) return t(`priority-${value}`);
  if (field === 'assignee') return value || t('ticket-nobody');
  if (field === 'visit') return visitValue(value);
  if (field === 'tags') return tagList(value.split(', ').filter((tag) => tag !== ''));
  return named(value);
}
