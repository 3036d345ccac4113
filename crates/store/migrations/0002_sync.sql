-- Version 2: every kind of operation, tickets opened here, what an account was told. Frozen once released.

ALTER TABLE account ADD COLUMN options TEXT NOT NULL /* AccountOptions as JSON. */ DEFAULT '{}';
ALTER TABLE account ADD COLUMN pull_paused INTEGER NOT NULL /* 1: a person stopped the pull; edits still go out. */ DEFAULT 0;

CREATE TABLE catalogue (
    -- What new tickets can be filed under, as the server last said.
    account_id INTEGER PRIMARY KEY,
    -- Catalogue as JSON.
    payload TEXT NOT NULL,
    fetched_at INTEGER NOT NULL
) STRICT;

ALTER TABLE operation ADD COLUMN kind TEXT NOT NULL /* OperationName of the payload. */ DEFAULT '';
UPDATE operation SET kind = json_extract(payload, '$.kind');
ALTER TABLE operation ADD COLUMN wait TEXT NOT NULL
    /* Why not_before: undo (a person may take it back), backoff (ours), server (Retry-After). */ DEFAULT 'backoff';
ALTER TABLE operation ADD COLUMN wait_from INTEGER NOT NULL
    /* When not_before was set. Later than now: the clock was put back, and the wait starts anew. */ DEFAULT 0;
ALTER TABLE operation ADD COLUMN seen_notes INTEGER NOT NULL
    /* Of a reply: public notes of others that were here when it was written; -1: not known. */ DEFAULT -1;
CREATE INDEX operation_by_wait ON operation (wait_from) WHERE state IN ('queued', 'sending', 'unknown');

ALTER TABLE draft ADD COLUMN files TEXT NOT NULL /* JSON array of FileRef. */ DEFAULT '[]';

CREATE TABLE ticket_draft (
    -- Tickets that were to be opened and were taken back: nothing that was typed is lost.
    marker TEXT PRIMARY KEY,
    account_id INTEGER NOT NULL,
    -- TicketDraft as JSON.
    payload TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

ALTER TABLE ticket ADD COLUMN local INTEGER NOT NULL
    /* 1: opened here and not on the server yet; remote_id is then 'local:' and the marker of the operation. */ DEFAULT 0;
ALTER TABLE ticket ADD COLUMN observed INTEGER NOT NULL
    /* 1: as a server showed it. 0: carried over from a damaged file. 2: opened here; what is queued started from a guess. */ DEFAULT 1;
ALTER TABLE ticket ADD COLUMN evaluation TEXT NOT NULL /* Evaluation as JSON, or empty. */ DEFAULT '';
CREATE INDEX ticket_local ON ticket (id) WHERE local = 1;

CREATE TABLE ticket_moved (
    -- A ticket that was pulled before we knew that it was the one opened here: its rows went over to that one.
    id INTEGER PRIMARY KEY,
    into_id INTEGER NOT NULL
) STRICT;
