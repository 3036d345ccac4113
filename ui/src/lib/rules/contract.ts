// Until the command list has them: the shapes of the rules as they are agreed on.
import type { AccountId, Metric, Priority, Status, Threshold, TicketId, UtcMs } from '../../api/generated';

export type SpanText = [string, string];
export type WeeklyHours = { mon: Array<SpanText>, tue: Array<SpanText>, wed: Array<SpanText>, thu: Array<SpanText>, fri: Array<SpanText>, sat: Array<SpanText>, sun: Array<SpanText>, };
export type CalendarSpec = { tz: string, hours: WeeklyHours, holidays: Array<string>, shifts: { [key in string]: Array<SpanText> }, breaks: { [key in string]: Array<SpanText> }, known_until?: string, names?: { [key in string]: string }, note?: string, };
export type NamedCalendar = { name_zh: string, name_en: string, calendar: CalendarSpec, };
export type TargetUnit = "second" | "minute" | "hour" | "business_day";
export type Target = { value: number, unit: TargetUnit, };
export type ReopenRule = "continue" | "reset";
export type PriorityTargets = { priority: Priority, first_response: Target | null, next_response: Target | null, first_resolution: Target | null, resolution: Target | null, visit: Target | null, };
export type Policy = { id: string, name_zh: string, name_en: string, vip: boolean | null, priorities: Array<Priority>, accounts: Array<AccountId>, customers: Array<string>, products: Array<string>, tags: Array<string>, calendar_id: string, visit_calendar_id: string | null, targets: Array<PriorityTargets>, pause_statuses: Array<Status>, reopen: ReopenRule, thresholds: Array<Threshold>, };
export type RuleSet = { from: UtcMs | null, policies: Array<Policy>, calendars: { [key in string]: NamedCalendar }, };
export type RulesView = { sets: Array<RuleSet>, current: number, shipped: boolean, };
export type RuleFault = "no_policies" | "too_many" | "id_missing" | "id_twice" | "name_missing" | "calendar_unknown" | "calendar_never_open" | "priority_twice" | "target_zero" | "target_too_long" | "percent_invalid" | "time_left_invalid" | "time_zone_unknown" | "time_invalid" | "span_reversed" | "spans_overlap" | "date_invalid";
export type RuleProblem = { place: string, code: RuleFault, args: { [key in string]: string }, };
export type DryRunLine = { ticket_id: TicketId, remote_id: string, subject: string, priority: Priority, metric: Metric, old_policy: string, new_policy: string, old_deadline: UtcMs | null, new_deadline: UtcMs | null, provisional: boolean, };
export type DryRun = { looked_at: number, changed: number, newly_breached: number, no_longer_breached: number, without_policy: number, truncated: boolean, examples: Array<DryRunLine>, };
export type PreviewKind2 = "holiday" | "shift" | "break" | "weekly" | "closed";
export type PreviewDay = { date: string, kind: PreviewKind2, name: string, spans: Array<SpanText>, open_ms: number, provisional: boolean, };
export type MonthPreview = { days: Array<PreviewDay>, problems: Array<RuleProblem>, };
export type ImportedYear = { year: number, off: Array<[string, string]>, makeup: Array<[string, string]>, };
export type ImportedHolidays = { years: Array<ImportedYear>, source: string, };
export type RulesCommands = {
  rules_get: { args: Record<symbol, never>; result: RulesView };
  rules_check: { args: { set: RuleSet, }; result: Array<RuleProblem> };
  rules_dry_run: { args: { set: RuleSet, from: UtcMs | null, backwards: boolean, }; result: DryRun };
  rules_put: { args: { set: RuleSet, from: UtcMs | null, backwards: boolean, }; result: RulesView };
  calendar_preview: { args: { calendar: CalendarSpec, year: number, month: number, }; result: MonthPreview };
  holidays_import: { args: { text: string, }; result: ImportedHolidays };
};
export type RulesHost = { call<K extends keyof RulesCommands>(name: K, args: RulesCommands[K]['args']): Promise<RulesCommands[K]['result']> };
export const rulesHost = (host: unknown): RulesHost => host as RulesHost;
