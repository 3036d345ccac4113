-- Version 5. Visits, the person's own directory entries, calls, people, diagnosis sessions, calendars, reminders. Frozen once released.

CREATE TABLE visit (
    -- A visit on site: as its server has it, or as it was asked for here and the server has yet to see it.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    -- The desk's own name: the marker of its first request, or `account:remote id`. What operations carry.
    key TEXT NOT NULL UNIQUE,
    -- Empty while the server has not seen it.
    remote_id TEXT NOT NULL DEFAULT '',
    -- Ticket that it is for; NULL while that ticket is not here.
    ticket_id INTEGER,
    ticket_remote_id TEXT NOT NULL DEFAULT '',
    -- Visit as JSON, without what still waits in the outbox.
    payload TEXT NOT NULL,
    -- Copies of what lists are made by, of the payload.
    state TEXT NOT NULL,
    centre_id TEXT NOT NULL DEFAULT '',
    engineer_id TEXT NOT NULL DEFAULT '',
    -- Of its slot; NULL without one.
    start_at INTEGER,
    end_at INTEGER,
    -- VisitRefusal as JSON: the server's last no, with what was free instead; or empty.
    refusal TEXT NOT NULL DEFAULT '',
    -- Where the server has no visits: the ticket in its on-site category that carries this one.
    carrier_ticket_id INTEGER,
    -- CarriedState as JSON: what was asked for there, and how far its answers were read; empty where no ticket carries it.
    carried TEXT NOT NULL DEFAULT '',
    -- JSON array of FileRef: photos taken on site.
    photos TEXT NOT NULL DEFAULT '[]',
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX visit_remote ON visit (account_id, remote_id) WHERE remote_id <> '';
CREATE INDEX visit_by_ticket ON visit (ticket_id);
CREATE INDEX visit_by_start ON visit (start_at) WHERE start_at IS NOT NULL;
CREATE INDEX visit_without_slot ON visit (state) WHERE start_at IS NULL;
CREATE INDEX visit_by_carrier ON visit (carrier_ticket_id) WHERE carrier_ticket_id IS NOT NULL;

CREATE TABLE visit_draft (
    -- Requests for visits that are half asked for, or were taken back; the newest of a ticket is the one in the form.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    ticket_remote_id TEXT NOT NULL DEFAULT '',
    -- JSON of the window's making, or request and booking.
    payload TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX visit_draft_by_ticket ON visit_draft (ticket_id);

CREATE TABLE site (
    -- Where a customer's machines stand, as typed once.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    customer_remote_id TEXT NOT NULL,
    -- Site, contact and asset as JSON.
    payload TEXT NOT NULL,
    used_at INTEGER NOT NULL,
    UNIQUE (account_id, customer_remote_id, payload)
) STRICT;

CREATE TABLE directory_entry (
    -- Phone lines and service centres that a person added, changed or hid. A provider's own are in phone_line and service_centre.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- line, centre.
    kind TEXT NOT NULL,
    -- Of a provider's entry that this one stands for: `account:remote id`; empty for an own one.
    replaces TEXT NOT NULL DEFAULT '',
    -- PhoneLine or ServiceCentre as JSON.
    payload TEXT NOT NULL,
    -- What the provider's entry was when it was changed here, as JSON; empty for an own one.
    base TEXT NOT NULL DEFAULT '',
    hidden INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX directory_entry_replaces ON directory_entry (kind, replaces) WHERE replaces <> '';

CREATE TABLE call (
    -- The call log.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER,
    -- Entry of the directory that was called; empty for a number that is in none.
    line_key TEXT NOT NULL DEFAULT '',
    -- Name and number at the time.
    line_name TEXT NOT NULL,
    number TEXT NOT NULL,
    started_at INTEGER NOT NULL,
    -- NULL: it is under way.
    ended_at INTEGER,
    -- reached, no_answer, busy, voicemail, called_back, other; empty while it is under way.
    outcome TEXT NOT NULL DEFAULT '',
    -- Who answered, and their case number.
    agent TEXT NOT NULL DEFAULT '',
    case_number TEXT NOT NULL DEFAULT '',
    note TEXT NOT NULL DEFAULT '',
    -- JSON array of text: the checklist's lines that were ticked.
    ticked TEXT NOT NULL DEFAULT '[]',
    -- The operation that took it to the ticket's timeline; NULL where none did.
    operation_id INTEGER
) STRICT;
CREATE INDEX call_by_ticket ON call (ticket_id, started_at);
CREATE INDEX call_by_start ON call (started_at);
CREATE INDEX call_under_way ON call (id) WHERE ended_at IS NULL;

CREATE TABLE person (
    -- Service managers and their deputies: contact cards and absences.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL UNIQUE,
    -- Person as JSON.
    payload TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE customer_care (
    -- Who answers for a customer, where a person said so; else as the provider has it.
    account_id INTEGER NOT NULL,
    customer_remote_id TEXT NOT NULL,
    -- Care as JSON.
    payload TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (account_id, customer_remote_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE diagnosis (
    -- Diagnosis sessions (云医生) on a ticket.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    -- Unique for ever: what the calendar knows it by.
    uid TEXT NOT NULL UNIQUE,
    -- planned, done, cancelled.
    state TEXT NOT NULL,
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    -- DiagnosisSession as JSON.
    payload TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT;
CREATE INDEX diagnosis_by_ticket ON diagnosis (ticket_id);
CREATE INDEX diagnosis_by_start ON diagnosis (start_at);

CREATE TABLE calendar_item (
    -- What was put into the person's CalDAV calendar, and what still has to go there.
    uid TEXT PRIMARY KEY,
    -- visit, diagnosis.
    kind TEXT NOT NULL,
    -- Of the calendar that it is in, as the server names it; empty while it is not there.
    href TEXT NOT NULL DEFAULT '',
    etag TEXT NOT NULL DEFAULT '',
    -- Hash of what the server has, and of what it should have; equal: nothing to do. `wanted` empty: to be removed.
    pushed TEXT NOT NULL DEFAULT '',
    wanted TEXT NOT NULL DEFAULT '',
    -- The iCalendar object that it should have.
    body TEXT NOT NULL DEFAULT '',
    -- The object as the server took it last, and as it was sent last: what others changed since is told by them.
    base TEXT NOT NULL DEFAULT '',
    tried TEXT NOT NULL DEFAULT '',
    attempts INTEGER NOT NULL DEFAULT 0,
    not_before INTEGER NOT NULL DEFAULT 0,
    -- Code of the last failure, or empty.
    code TEXT NOT NULL DEFAULT '',
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX calendar_item_waiting ON calendar_item (not_before) WHERE pushed <> wanted;

CREATE TABLE subscription (
    -- Calendars that are read: live Q&A, and what a person subscribed to.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    -- Address of an .ics; empty for one kept here.
    url TEXT NOT NULL DEFAULT '',
    -- The iCalendar object as last read.
    body TEXT NOT NULL,
    -- Minutes before a session at which the bell rings, JSON array.
    reminders TEXT NOT NULL DEFAULT '[]',
    enabled INTEGER NOT NULL DEFAULT 1,
    fetched_at INTEGER NOT NULL DEFAULT 0,
    code TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE reminder (
    -- Reminders that were reached. A row stays: it is why the bell does not ring twice.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- visit, diagnosis, live.
    kind TEXT NOT NULL,
    -- Key of the visit, uid of the session.
    subject TEXT NOT NULL,
    -- When what it reminds of begins and ends.
    start_at INTEGER NOT NULL,
    end_at INTEGER NOT NULL,
    -- So long before it rings; 0: that the appointment was given.
    lead_min INTEGER NOT NULL,
    -- Ticket to open, where there is one.
    ticket_id INTEGER,
    -- About as JSON: what people read.
    payload TEXT NOT NULL,
    raised_at INTEGER NOT NULL,
    -- The rest: NULL where it has not happened.
    shown_at INTEGER,
    acknowledged_at INTEGER,
    snoozed_until INTEGER,
    held_until INTEGER,
    -- What it reminds of moved, was called off or is over, or a later reminder of it speaks for it.
    ended_at INTEGER,
    -- Notification: 0 nothing owed, 1 owed, 2 handed over and not answered.
    notice INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, subject, start_at, lead_min)
) STRICT;
CREATE INDEX reminder_open ON reminder (id) WHERE acknowledged_at IS NULL AND ended_at IS NULL;
