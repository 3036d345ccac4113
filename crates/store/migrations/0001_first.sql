-- Version 1. Frozen once released. Instants are UTC milliseconds.
-- What cannot be pulled again comes first, so that its pages lie early in the file.

CREATE TABLE operation (
    -- Local edits on their way to a server; never deleted while unsent.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    account_id INTEGER NOT NULL,
    -- Kept beside the ids: an operation outlives a lost mirror.
    ticket_remote_id TEXT NOT NULL,
    -- UUIDv7 text, what a read-back looks for.
    marker TEXT NOT NULL UNIQUE,
    -- Version of the payload's shape.
    payload_version INTEGER NOT NULL DEFAULT 1,
    -- OperationKind as JSON.
    payload TEXT NOT NULL,
    -- queued, sending, sent, rejected, unknown.
    state TEXT NOT NULL DEFAULT 'queued',
    -- Counted and committed before the attempt is made.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Version of the ticket that the person saw.
    base_version TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    -- Earliest next attempt or read-back.
    not_before INTEGER NOT NULL,
    -- 0: never attempted.
    last_attempt_at INTEGER NOT NULL DEFAULT 0,
    -- Code of the last failure, or empty.
    code TEXT NOT NULL DEFAULT '',
    detail TEXT NOT NULL DEFAULT '',
    -- 0: not sent yet.
    sent_at INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX operation_waiting ON operation (ticket_id, id) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX operation_by_due ON operation (not_before, id) WHERE state IN ('queued', 'sending', 'unknown');
CREATE INDEX operation_unsent ON operation (ticket_id, id) WHERE state IN ('queued', 'sending', 'unknown', 'rejected');
CREATE INDEX operation_sent ON operation (sent_at) WHERE state = 'sent';

CREATE TABLE draft (
    -- A reply being written; at most one a ticket.
    ticket_id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    ticket_remote_id TEXT NOT NULL,
    body TEXT NOT NULL,
    visibility TEXT NOT NULL DEFAULT 'public',
    updated_at INTEGER NOT NULL
) STRICT;

CREATE TABLE account (
    -- One connection to a support API. Its secret is kept elsewhere.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    user TEXT NOT NULL,
    -- 1: the demo desk.
    demo INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    -- Where the next page starts; empty before the first.
    cursor TEXT NOT NULL DEFAULT '',
    -- 1: the pull has caught up once.
    pulled_full INTEGER NOT NULL DEFAULT 0,
    -- 0: never.
    last_synced_at INTEGER NOT NULL DEFAULT 0,
    last_error TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, endpoint, user)
) STRICT;

CREATE TABLE setting (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE vault_secret (
    -- Account secrets where the machine has no keyring; protected by the database's own encryption.
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE customer (
    id INTEGER PRIMARY KEY,
    account_id INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    name TEXT NOT NULL,
    vip INTEGER NOT NULL DEFAULT 0,
    service_manager TEXT NOT NULL DEFAULT '',
    deputy TEXT NOT NULL DEFAULT '',
    city TEXT NOT NULL DEFAULT '',
    -- JSON array of text.
    languages TEXT NOT NULL DEFAULT '[]',
    UNIQUE (account_id, remote_id)
) STRICT;

CREATE TABLE ticket (
    -- Last observation. The id is below 2^32 and never used again.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL,
    remote_id TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT '',
    status TEXT NOT NULL DEFAULT 'open',
    status_raw TEXT NOT NULL DEFAULT '',
    priority TEXT NOT NULL DEFAULT 'routine',
    priority_raw TEXT NOT NULL DEFAULT '',
    product TEXT NOT NULL DEFAULT '',
    -- 0: none.
    customer_id INTEGER NOT NULL DEFAULT 0,
    requester TEXT NOT NULL DEFAULT '',
    assignee TEXT NOT NULL DEFAULT '',
    -- JSON array of text.
    tags TEXT NOT NULL DEFAULT '[]',
    -- JSON object of text.
    custom_fields TEXT NOT NULL DEFAULT '{}',
    created_at INTEGER NOT NULL DEFAULT 0,
    updated_at INTEGER NOT NULL DEFAULT 0,
    -- Opaque: ETag or sequence number.
    version TEXT NOT NULL DEFAULT '',
    -- live, deleted, merged.
    fate TEXT NOT NULL DEFAULT 'live',
    -- Remote id of the survivor, or empty.
    merged_into TEXT NOT NULL DEFAULT '',
    -- 1: asked for by itself, with its whole conversation.
    notes_complete INTEGER NOT NULL DEFAULT 0,
    -- Of the newest note, at most 120 characters.
    last_note TEXT NOT NULL DEFAULT '',
    UNIQUE (account_id, remote_id)
) STRICT;
-- Everything the columns in memory are loaded from, a fifth of the table's size.
CREATE INDEX ticket_columns ON ticket
    (account_id, fate, status, priority, product, customer_id, updated_at, created_at);
CREATE INDEX ticket_by_customer ON ticket (customer_id) WHERE customer_id > 0;

CREATE TABLE note (
    -- ticket << 10 | seq: a conversation lies together.
    id INTEGER PRIMARY KEY,
    -- Empty while only our own receipt speaks for it.
    remote_id TEXT NOT NULL DEFAULT '',
    author TEXT NOT NULL DEFAULT '',
    role TEXT NOT NULL,
    visibility TEXT NOT NULL,
    body TEXT NOT NULL,
    format TEXT NOT NULL DEFAULT 'text',
    created_at INTEGER NOT NULL,
    -- Of the operation that wrote it, or empty.
    marker TEXT NOT NULL DEFAULT '',
    -- 1: written from a receipt; the server's copy replaces it.
    from_receipt INTEGER NOT NULL DEFAULT 0,
    -- JSON array of ObservedAttachment.
    attachments TEXT NOT NULL DEFAULT '[]'
) STRICT;

CREATE TABLE event (
    -- ticket << 10 | seq. The log from which the clocks are computed.
    id INTEGER PRIMARY KEY,
    remote_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    -- TicketEventKind as JSON.
    payload TEXT NOT NULL
) STRICT;

CREATE TABLE clock (
    -- Derived; replaced whole, ticket by ticket.
    ticket_id INTEGER NOT NULL,
    metric TEXT NOT NULL,
    instance INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    -- The four below: NULL where there is no such instant.
    deadline_at INTEGER,
    stopped_at INTEGER,
    paused_since INTEGER,
    provisional INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (ticket_id, metric, instance)
) STRICT, WITHOUT ROWID;
-- The second and third are always NULL here; with them the index answers counts by itself.
CREATE INDEX clock_running ON clock (deadline_at, stopped_at, paused_since)
    WHERE stopped_at IS NULL AND paused_since IS NULL AND deadline_at IS NOT NULL;
CREATE INDEX clock_stopped ON clock (stopped_at) WHERE stopped_at IS NOT NULL;

CREATE TABLE clock_stale (
    -- Tickets whose clocks are older than their events.
    ticket_id INTEGER PRIMARY KEY,
    -- Tells a mark made meanwhile from the one being worked off.
    mark INTEGER NOT NULL
) STRICT;

CREATE TABLE due (
    -- Thresholds that have not rung yet; a row leaves when its alert is raised.
    id INTEGER PRIMARY KEY,
    ticket_id INTEGER NOT NULL,
    metric TEXT NOT NULL,
    instance INTEGER NOT NULL,
    -- share:50, left:900, breach.
    threshold TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL
) STRICT;
CREATE INDEX due_next ON due (due_at);
CREATE INDEX due_by_ticket ON due (ticket_id);

CREATE TABLE alert (
    -- Thresholds that were reached. A row stays for ever: it is why the bell does not ring twice.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    ticket_id INTEGER NOT NULL,
    metric TEXT NOT NULL,
    instance INTEGER NOT NULL,
    threshold TEXT NOT NULL,
    due_at INTEGER NOT NULL,
    deadline_at INTEGER NOT NULL,
    raised_at INTEGER NOT NULL,
    -- to_show, superseded (a later threshold of the clock was due too), withdrawn (the deadline moved first).
    state TEXT NOT NULL DEFAULT 'to_show',
    -- The three below: NULL where it has not happened.
    shown_at INTEGER,
    acknowledged_at INTEGER,
    snoozed_until INTEGER,
    UNIQUE (ticket_id, metric, instance, threshold, due_at)
) STRICT;
CREATE INDEX alert_snoozed ON alert (snoozed_until) WHERE snoozed_until IS NOT NULL;
CREATE INDEX alert_unshown ON alert (id) WHERE shown_at IS NULL AND state = 'to_show';

CREATE TABLE phone_line (
    account_id INTEGER NOT NULL,
    -- Order given by the provider.
    position INTEGER NOT NULL,
    -- PhoneLine as JSON.
    payload TEXT NOT NULL,
    PRIMARY KEY (account_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE service_centre (
    account_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    -- ServiceCentre as JSON.
    payload TEXT NOT NULL,
    PRIMARY KEY (account_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE search_dirty (
    -- Tickets whose search document is older than their text.
    ticket_id INTEGER PRIMARY KEY
) STRICT;

-- One document a ticket (rowid = ticket id): its terms, cut by the program and separated by spaces.
CREATE VIRTUAL TABLE search USING fts5 (terms, content='', contentless_delete=1, detail=none, tokenize='ascii');
