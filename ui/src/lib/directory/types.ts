// The shapes of the directory, until they come from the core.
import type { AccountId, CalendarSpec, ChecklistItem, Code, IvrStep, OperationId, PhoneLine, PreviewDay, Priority, TicketId, UtcMs } from '../../api/generated';

export type Contact = { name: string; role: string; phone: string; email: string };
export type Engineer = { id: string; name: string; skills: string[]; languages: string[] };
export type SlotRules = { slot_minutes: number; capacity: number; buffer_before_min: number; buffer_after_min: number; notice_min: number; horizon_days: number; travel_radius_km: number; cancel_cutoff_min: number };
export type ServiceCentre = { remote_id: string; city_zh: string; city_en: string; latitude: number; longitude: number; hours: string; services: string[]; source: string; verified_on: string; calendar: CalendarSpec | null; address: string; country: string; contacts: Contact[]; engineers: Engineer[]; rules: SlotRules };
export type FieldProblem = { field: string; code: Code; args: Record<string, string | undefined> };
export type Origin = 'provider' | 'own' | 'changed' | 'shipped';
export type OpenState = 'open' | 'closed' | 'unknown';
export type EntryBase = { key: string; origin: Origin; account: AccountId | null; hidden: boolean; stale: boolean; provider_changed: boolean; provider_gone: boolean; conflicts: string[]; opening: OpenState; opens_at: UtcMs | null; closes_at: UtcMs | null; problems: FieldProblem[] };
export type LineEntry = EntryBase & { line: PhoneLine; provider: PhoneLine | null };
export type OpenDay = PreviewDay;
export type CentreEntry = EntryBase & { centre: ServiceCentre; provider: ServiceCentre | null; pinyin: string; initials: string; open_days: OpenDay[] };
export type Directory = { lines: LineEntry[]; centres: CentreEntry[]; stale: number; attribution: string };
export type CallFacts = { priority: Priority; outage: boolean; vip: boolean; contract: 'any' | 'enterprise' | null; languages: string[]; product: string };
export type Reason = { code: string; args: Record<string, string | undefined> };
export type LineRecommendation = { entry: LineEntry; reasons: Reason[]; fits: boolean; open: OpenState; opens_at: UtcMs | null };
export type AskFor = 'sla_engineer' | 'expert' | 'agent';
export type CallSheet = { ticket: TicketId; ticket_remote_id: string; subject: string; account: AccountId; account_name: string; account_id: string; instance_ids: string[]; ask_for: AskFor; sla_name: string; customer: string; service_manager: string; deputy: string };
export type RecommendAnswer = { recommendations: LineRecommendation[]; facts: CallFacts; sheet: CallSheet | null };
export type CallRecord = { id: number; ticket: TicketId | null; ticket_remote_id: string; line_key: string; line_name: string; number: string; started_at: UtcMs; ended_at: UtcMs | null; outcome: CallOutcome | null; agent: string; case_number: string; note: string; ticked: string[]; operation: OperationId | null };
export type CallOutcome = 'reached' | 'no_answer' | 'busy' | 'voicemail' | 'called_back' | 'other';
export type PlaceFound = { name_zh: string; name_en: string; pinyin: string; latitude: number; longitude: number };
export type ImportRow = { line_number: number; name: string; what: 'added' | 'changed' | 'same' | 'refused'; problems: FieldProblem[] };
export type ImportPlan = { token: string; kind: 'line' | 'centre'; file_name: string; added: number; changed: number; same: number; refused: number; rows: ImportRow[] };
export type { ChecklistItem, IvrStep, PhoneLine };
export type EntryName = 'line' | 'centre';
