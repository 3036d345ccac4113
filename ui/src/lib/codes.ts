// The codes of errors as they exist at run time: the compiler refuses this file when one is missing.
import type { Code } from '../api/generated';

const codes: Record<Code, true> = {
  host_unreachable: true, name_not_resolved: true, certificate_invalid: true, plain_http_refused: true, endpoint_invalid: true, timed_out: true, connection_lost: true,
  credentials_wrong: true, forbidden: true, not_found: true, not_supported_server: true, answer_not_json: true, answer_truncated: true, answer_unexpected: true, rate_limited: true, server_failed: true, refused: true, changed_meanwhile: true, clock_wrong: true,
  keyring_locked: true, keyring_missing: true, vault_locked: true, passphrase_wrong: true, data_directory_read_only: true, database_newer: true, database_corrupt: true, database_key_wrong: true, database_busy: true, backup_key_wrong: true, backup_unreadable: true, disk_full: true, storage: true,
  notification_bus_missing: true, notification_service_missing: true, notification_service_silent: true,
  input_invalid: true, unknown_command: true, ticket_unknown: true, account_unknown: true, account_exists: true, operation_unknown: true, operation_not_discardable: true, operation_not_offered: true, replies_since: true, depends_on_rejected: true, file_too_large: true, file_unreadable: true, file_unwritable: true, program_missing: true, file_missing: true, internal: true,
  robot_unknown: true, robot_address_invalid: true, robot_secret_missing: true, robot_sign_mismatch: true, robot_keyword_missing: true, robot_ip_refused: true, robot_gone: true, robot_message_refused: true,
  tier_invalid: true, phone_number_invalid: true, mail_address_invalid: true, value_missing: true, value_twice: true, text_too_long: true, too_many: true, number_out_of_range: true, coordinates_missing: true, country_invalid: true, language_invalid: true, hours_missing: true, hours_invalid: true, source_missing: true, date_invalid: true, date_in_future: true, service_unknown: true, service_not_offered: true, centre_unknown: true, site_too_far: true, site_abroad: true, window_reversed: true, window_past: true, window_too_long: true, time_skipped: true, slot_taken: true, slot_unavailable: true, hold_unknown: true, visit_unknown: true, visit_finished: true, visit_action_invalid: true, visit_past_cutoff: true, visit_not_begun: true, visit_without_time: true, visit_category_missing: true, calendar_unreadable: true, calendar_too_large: true, calendar_missing: true, subscription_unknown: true, diagnosis_unknown: true, diagnosis_finished: true, consent_missing: true,
  person_unknown: true, customer_unknown: true, deputy_is_self: true, absences_overlap: true, font_missing: true, paper_failed: true,
  rules_invalid: true, holidays_unreadable: true,
  entry_unknown: true, import_encoding: true, import_unreadable: true, import_columns: true, import_too_large: true, import_refused: true, import_gone: true, cell_invalid: true, row_length: true, call_unknown: true, call_under_way: true, call_finished: true, dialer_missing: true,
  history_empty: true, history_columns: true, history_encoding: true, history_dates: true, history_too_large: true, history_gone: true, replay_cancelled: true,
};

export const allCodes = Object.keys(codes);
export const isCode = (text: string): text is Code => Object.hasOwn(codes, text);
