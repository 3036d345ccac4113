//! Every failure a person can meet, named. The UI and the command line have a text for each.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::ticket::text_enum;

/// Stable names: they travel in JSON, exit messages and the message catalogue (`error-<name>`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    // reaching a server
    HostUnreachable,
    NameNotResolved,
    CertificateInvalid,
    PlainHttpRefused,
    EndpointInvalid,
    TimedOut,
    ConnectionLost,
    // what it answered
    CredentialsWrong,
    Forbidden,
    NotFound,
    NotSupportedServer,
    AnswerNotJson,
    AnswerTruncated,
    AnswerUnexpected,
    RateLimited,
    ServerFailed,
    Refused,
    ChangedMeanwhile,
    /// This machine's clock is too far from the server's for a signed request.
    ClockWrong,
    // this machine
    KeyringLocked,
    KeyringMissing,
    VaultLocked,
    PassphraseWrong,
    DataDirectoryReadOnly,
    DatabaseNewer,
    DatabaseCorrupt,
    DatabaseKeyWrong,
    DatabaseBusy,
    /// A backup is under another key.
    BackupKeyWrong,
    /// A file is no backup, or a damaged one.
    BackupUnreadable,
    DiskFull,
    Storage,
    /// No session bus to reach a notification service over.
    NotificationBusMissing,
    /// Nothing on the session bus shows notifications.
    NotificationServiceMissing,
    /// There is a notification service, and it does not answer.
    NotificationServiceSilent,
    // what was asked
    InputInvalid,
    UnknownCommand,
    TicketUnknown,
    AccountUnknown,
    AccountExists,
    OperationUnknown,
    OperationNotDiscardable,
    /// The provider has no such operation, or not for this ticket.
    OperationNotOffered,
    /// The server has newer replies than the person had seen, and the person asked to be asked.
    RepliesSince,
    /// The ticket that an operation waits for could not be created.
    DependsOnRejected,
    /// Above the limit for one file.
    FileTooLarge,
    FileUnreadable,
    /// The place that a file was to be saved to does not take it.
    FileUnwritable,
    /// The system has no program for the file.
    ProgramMissing,
    /// The bytes are not here: not fetched yet, or gone on the server.
    FileMissing,
    /// Service-level rules with something wrong in them.
    RulesInvalid,
    /// A file that was to say which days are off.
    HolidaysUnreadable,
    /// No such robot.
    RobotUnknown,
    /// Not the address of a robot of this platform.
    RobotAddressInvalid,
    /// Neither the address nor the keyring has what the robot needs to speak.
    RobotSecretMissing,
    /// The platform finds the signature wrong or out of date.
    RobotSignMismatch,
    /// The group lets only messages with its keyword through.
    RobotKeywordMissing,
    /// The group lets only some addresses of the network speak.
    RobotIpRefused,
    /// The robot was removed or switched off in its group.
    RobotGone,
    /// The platform does not take this message.
    RobotMessageRefused,
    // directories and visits: what was typed
    TierInvalid,
    PhoneNumberInvalid,
    MailAddressInvalid,
    ValueMissing,
    ValueTwice,
    TextTooLong,
    TooMany,
    NumberOutOfRange,
    CoordinatesMissing,
    CountryInvalid,
    LanguageInvalid,
    HoursMissing,
    HoursInvalid,
    SourceMissing,
    DateInvalid,
    DateInFuture,
    ServiceUnknown,
    // visits: what was asked for
    ServiceNotOffered,
    CentreUnknown,
    SiteTooFar,
    SiteAbroad,
    WindowReversed,
    WindowPast,
    WindowTooLong,
    TimeSkipped,
    SlotTaken,
    SlotUnavailable,
    HoldUnknown,
    VisitUnknown,
    VisitFinished,
    VisitActionInvalid,
    VisitPastCutoff,
    VisitNotBegun,
    /// A visit that has no slot has no place in a calendar.
    VisitWithoutTime,
    /// Visits of the account travel as tickets, and no category is set for them.
    VisitCategoryMissing,
    // calendars and diagnosis sessions
    /// Not an iCalendar object, or not one that can be read whole.
    CalendarUnreadable,
    /// Above the limit for a calendar that is read.
    CalendarTooLarge,
    /// No calendar server is set up, or the calendar is not there any more.
    CalendarMissing,
    SubscriptionUnknown,
    DiagnosisUnknown,
    /// The session is over or was called off.
    DiagnosisFinished,
    /// Nobody recorded that the customer agrees.
    ConsentMissing,
    // people and papers
    /// No such contact card.
    PersonUnknown,
    /// No such customer here.
    CustomerUnknown,
    /// Somebody stands in for themselves.
    DeputyIsSelf,
    /// Two absences of one person at one time.
    AbsencesOverlap,
    /// No Chinese font on this machine to make a PDF with.
    FontMissing,
    /// The typesetter could not make the PDF.
    PaperFailed,
    // directories and calls
    EntryUnknown,
    /// A directory file in an encoding that is not read.
    ImportEncoding,
    /// A directory file that is neither our JSON nor a table.
    ImportUnreadable,
    /// The first row names columns that are not known, or misses one.
    ImportColumns,
    ImportTooLarge,
    /// A row has something wrong in it: nothing was taken.
    ImportRefused,
    /// The file that was looked into is not known any more.
    ImportGone,
    /// A cell that does not say what its column wants.
    CellInvalid,
    /// A row with more or fewer cells than the first.
    RowLength,
    CallUnknown,
    /// One call at a time.
    CallUnderWay,
    CallFinished,
    /// The system has no program for telephone numbers.
    DialerMissing,
    /// A history without a single ticket.
    HistoryEmpty,
    /// The file's first line does not name the columns of an incident log.
    HistoryColumns,
    /// The file is written in an encoding that is not read.
    HistoryEncoding,
    /// Day and month cannot be told apart.
    HistoryDates,
    /// More than one replay takes from a file.
    HistoryTooLarge,
    /// The file that was chosen is not chosen any more.
    HistoryGone,
    /// A person stopped the replay, or began another.
    ReplayCancelled,
    Internal,
}

text_enum!(Code {
    HostUnreachable = "host_unreachable",
    NameNotResolved = "name_not_resolved",
    CertificateInvalid = "certificate_invalid",
    PlainHttpRefused = "plain_http_refused",
    EndpointInvalid = "endpoint_invalid",
    TimedOut = "timed_out",
    ConnectionLost = "connection_lost",
    CredentialsWrong = "credentials_wrong",
    Forbidden = "forbidden",
    NotFound = "not_found",
    NotSupportedServer = "not_supported_server",
    AnswerNotJson = "answer_not_json",
    AnswerTruncated = "answer_truncated",
    AnswerUnexpected = "answer_unexpected",
    RateLimited = "rate_limited",
    ServerFailed = "server_failed",
    Refused = "refused",
    ChangedMeanwhile = "changed_meanwhile",
    ClockWrong = "clock_wrong",
    KeyringLocked = "keyring_locked",
    KeyringMissing = "keyring_missing",
    VaultLocked = "vault_locked",
    PassphraseWrong = "passphrase_wrong",
    DataDirectoryReadOnly = "data_directory_read_only",
    DatabaseNewer = "database_newer",
    DatabaseCorrupt = "database_corrupt",
    DatabaseKeyWrong = "database_key_wrong",
    DatabaseBusy = "database_busy",
    BackupKeyWrong = "backup_key_wrong",
    BackupUnreadable = "backup_unreadable",
    DiskFull = "disk_full",
    Storage = "storage",
    NotificationBusMissing = "notification_bus_missing",
    NotificationServiceMissing = "notification_service_missing",
    NotificationServiceSilent = "notification_service_silent",
    InputInvalid = "input_invalid",
    UnknownCommand = "unknown_command",
    TicketUnknown = "ticket_unknown",
    AccountUnknown = "account_unknown",
    AccountExists = "account_exists",
    OperationUnknown = "operation_unknown",
    OperationNotDiscardable = "operation_not_discardable",
    OperationNotOffered = "operation_not_offered",
    RepliesSince = "replies_since",
    DependsOnRejected = "depends_on_rejected",
    FileTooLarge = "file_too_large",
    FileUnreadable = "file_unreadable",
    FileUnwritable = "file_unwritable",
    ProgramMissing = "program_missing",
    FileMissing = "file_missing",
    RulesInvalid = "rules_invalid",
    HolidaysUnreadable = "holidays_unreadable",
    RobotUnknown = "robot_unknown",
    RobotAddressInvalid = "robot_address_invalid",
    RobotSecretMissing = "robot_secret_missing",
    RobotSignMismatch = "robot_sign_mismatch",
    RobotKeywordMissing = "robot_keyword_missing",
    RobotIpRefused = "robot_ip_refused",
    RobotGone = "robot_gone",
    RobotMessageRefused = "robot_message_refused",
    TierInvalid = "tier_invalid",
    PhoneNumberInvalid = "phone_number_invalid",
    MailAddressInvalid = "mail_address_invalid",
    ValueMissing = "value_missing",
    ValueTwice = "value_twice",
    TextTooLong = "text_too_long",
    TooMany = "too_many",
    NumberOutOfRange = "number_out_of_range",
    CoordinatesMissing = "coordinates_missing",
    CountryInvalid = "country_invalid",
    LanguageInvalid = "language_invalid",
    HoursMissing = "hours_missing",
    HoursInvalid = "hours_invalid",
    SourceMissing = "source_missing",
    DateInvalid = "date_invalid",
    DateInFuture = "date_in_future",
    ServiceUnknown = "service_unknown",
    ServiceNotOffered = "service_not_offered",
    CentreUnknown = "centre_unknown",
    SiteTooFar = "site_too_far",
    SiteAbroad = "site_abroad",
    WindowReversed = "window_reversed",
    WindowPast = "window_past",
    WindowTooLong = "window_too_long",
    TimeSkipped = "time_skipped",
    SlotTaken = "slot_taken",
    SlotUnavailable = "slot_unavailable",
    HoldUnknown = "hold_unknown",
    VisitUnknown = "visit_unknown",
    VisitFinished = "visit_finished",
    VisitActionInvalid = "visit_action_invalid",
    VisitPastCutoff = "visit_past_cutoff",
    VisitNotBegun = "visit_not_begun",
    VisitWithoutTime = "visit_without_time",
    VisitCategoryMissing = "visit_category_missing",
    CalendarUnreadable = "calendar_unreadable",
    CalendarTooLarge = "calendar_too_large",
    CalendarMissing = "calendar_missing",
    SubscriptionUnknown = "subscription_unknown",
    DiagnosisUnknown = "diagnosis_unknown",
    DiagnosisFinished = "diagnosis_finished",
    ConsentMissing = "consent_missing",
    PersonUnknown = "person_unknown",
    CustomerUnknown = "customer_unknown",
    DeputyIsSelf = "deputy_is_self",
    AbsencesOverlap = "absences_overlap",
    FontMissing = "font_missing",
    PaperFailed = "paper_failed",
    EntryUnknown = "entry_unknown",
    ImportEncoding = "import_encoding",
    ImportUnreadable = "import_unreadable",
    ImportColumns = "import_columns",
    ImportTooLarge = "import_too_large",
    ImportRefused = "import_refused",
    ImportGone = "import_gone",
    CellInvalid = "cell_invalid",
    RowLength = "row_length",
    CallUnknown = "call_unknown",
    CallUnderWay = "call_under_way",
    CallFinished = "call_finished",
    DialerMissing = "dialer_missing",
    HistoryEmpty = "history_empty",
    HistoryColumns = "history_columns",
    HistoryEncoding = "history_encoding",
    HistoryDates = "history_dates",
    HistoryTooLarge = "history_too_large",
    HistoryGone = "history_gone",
    ReplayCancelled = "replay_cancelled",
    Internal = "internal",
});

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
