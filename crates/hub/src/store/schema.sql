PRAGMA foreign_keys = ON;
CREATE TABLE IF NOT EXISTS customers (
  id TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  vip INTEGER NOT NULL DEFAULT 0,
  service_manager TEXT NOT NULL DEFAULT '',
  deputy TEXT NOT NULL DEFAULT '',
  city TEXT NOT NULL DEFAULT '',
  languages TEXT NOT NULL DEFAULT '[]'      -- JSON array of BCP 47 tags
) STRICT;
-- Ids grow with creation and are never used again: the full pull pages by them.
CREATE TABLE IF NOT EXISTS tickets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  subject TEXT NOT NULL,
  status TEXT NOT NULL,
  priority TEXT NOT NULL,
  product TEXT NOT NULL DEFAULT '',
  customer_id TEXT REFERENCES customers(id),
  requester TEXT NOT NULL DEFAULT '',
  assignee TEXT NOT NULL DEFAULT '',
  tags TEXT NOT NULL DEFAULT '[]',          -- JSON array
  custom_fields TEXT NOT NULL DEFAULT '{}', -- JSON object of strings
  created_at INTEGER NOT NULL,              -- UTC milliseconds, as all instants here
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL DEFAULT 1,       -- the ETag; grows with every change, notes included
  category TEXT NOT NULL DEFAULT '',        -- id of a category of the catalogue
  evaluation TEXT                           -- JSON of the customer's verdict
) STRICT;
-- One row a committed change. Written in the transaction of its effect by the only writer, so the
-- order of seq is the order of commits and a reader that saw seq n has seen everything before it.
CREATE TABLE IF NOT EXISTS changes (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS notes (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  seq INTEGER NOT NULL REFERENCES changes(seq),
  author TEXT NOT NULL,
  role TEXT NOT NULL,
  visibility TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  marker TEXT UNIQUE                        -- idempotency key of the request that wrote it
) STRICT;
CREATE INDEX IF NOT EXISTS notes_ticket ON notes(ticket_id, id);
CREATE INDEX IF NOT EXISTS notes_seq ON notes(seq);
CREATE TABLE IF NOT EXISTS events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  seq INTEGER NOT NULL REFERENCES changes(seq),
  at INTEGER NOT NULL,
  event TEXT NOT NULL,                      -- JSON, tagged by "event"
  actor TEXT NOT NULL DEFAULT ''            -- who did it
) STRICT;
CREATE INDEX IF NOT EXISTS events_ticket ON events(ticket_id, id);
CREATE INDEX IF NOT EXISTS events_seq ON events(seq);
-- A request with an Idempotency-Key that took effect, committed together with that effect.
CREATE TABLE IF NOT EXISTS operations (
  key TEXT PRIMARY KEY NOT NULL,
  request_hash TEXT NOT NULL,               -- SHA-256 of method, path and body
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  note_id INTEGER REFERENCES notes(id),
  status INTEGER NOT NULL,                  -- HTTP status of the answer
  etag TEXT NOT NULL,
  body TEXT NOT NULL,                       -- the answer, given again word for word
  created_at INTEGER NOT NULL,
  visit_id INTEGER REFERENCES visits(id)    -- the visit that it made or changed
) STRICT;
-- A file on its way, and then the bytes of attachments.
CREATE TABLE IF NOT EXISTS uploads (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT UNIQUE,                          -- idempotency key of the request that began it
  request_hash TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  name TEXT NOT NULL,
  mime TEXT NOT NULL,
  received INTEGER NOT NULL DEFAULT 0,      -- bytes in upload_chunks, without a gap
  complete INTEGER NOT NULL DEFAULT 0,      -- all are here and have the hash
  touched_at INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS upload_chunks (
  upload_id INTEGER NOT NULL REFERENCES uploads(id),
  start INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY (upload_id, start)
) STRICT;
CREATE TABLE IF NOT EXISTS attachments (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  note_id INTEGER NOT NULL REFERENCES notes(id),
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  upload_id INTEGER NOT NULL REFERENCES uploads(id),
  name TEXT NOT NULL,
  mime TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS attachments_note ON attachments(note_id);
CREATE INDEX IF NOT EXISTS attachments_ticket ON attachments(ticket_id);
CREATE INDEX IF NOT EXISTS attachments_upload ON attachments(upload_id);
-- Files of the Workorder endpoint, by the key that its clients name them with.
CREATE TABLE IF NOT EXISTS workorder_objects (
  key TEXT PRIMARY KEY NOT NULL,
  name TEXT NOT NULL,
  upload_id INTEGER REFERENCES uploads(id), -- NULL until the bytes came
  created_at INTEGER NOT NULL
) STRICT;
-- Visits on site. What is asked about stands in columns, the whole in payload; slot columns are set while it has a slot.
CREATE TABLE IF NOT EXISTS visits (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  ticket_id INTEGER NOT NULL REFERENCES tickets(id),
  seq INTEGER NOT NULL REFERENCES changes(seq), -- its last change
  version INTEGER NOT NULL DEFAULT 1,       -- the ETag
  centre_id TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL,
  start_at INTEGER,
  end_at INTEGER,
  engineer_id TEXT,
  languages TEXT NOT NULL DEFAULT '[]',     -- JSON array; what the engineer has to speak
  payload TEXT NOT NULL                     -- JSON of the visit, without its version
) STRICT;
CREATE INDEX IF NOT EXISTS visits_centre ON visits(centre_id, start_at);
CREATE INDEX IF NOT EXISTS visits_ticket ON visits(ticket_id);
CREATE INDEX IF NOT EXISTS visits_seq ON visits(seq);
CREATE INDEX IF NOT EXISTS visits_waiting ON visits(centre_id, id) WHERE state = 'waitlisted';
-- Slots that are kept for somebody who is still typing.
CREATE TABLE IF NOT EXISTS holds (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,                 -- idempotency key of the request
  request_hash TEXT NOT NULL,
  centre_id TEXT NOT NULL,
  start_at INTEGER NOT NULL,
  end_at INTEGER NOT NULL,
  engineer_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  payload TEXT NOT NULL                     -- JSON of the hold
) STRICT;
CREATE INDEX IF NOT EXISTS holds_centre ON holds(centre_id, start_at);
CREATE INDEX IF NOT EXISTS holds_expiry ON holds(expires_at);
