-- Version 3. Files: their bytes lie encrypted in the folder `files`, what they are lies here.

CREATE TABLE upload (
    -- A file that has to reach the server with an operation; rows go with the operation, or when it has landed.
    operation_id INTEGER NOT NULL,
    -- SHA-256 of the bytes, lower-case hexadecimal.
    sha256 TEXT NOT NULL,
    -- Place among the files of the operation.
    position INTEGER NOT NULL DEFAULT 0,
    -- Bytes that the server has.
    done_bytes INTEGER NOT NULL DEFAULT 0,
    -- What lets a broken upload go on where it was, or empty.
    resume TEXT NOT NULL DEFAULT '',
    -- What the note names the file by on the server; '-' where the bytes go along with the note; empty until it is there.
    remote TEXT NOT NULL DEFAULT '',
    -- Failures in a row, for the wait before the next try.
    failures INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (operation_id, sha256)
) STRICT, WITHOUT ROWID;
CREATE INDEX upload_open ON upload (operation_id) WHERE remote = '';
CREATE INDEX upload_by_blob ON upload (sha256);

CREATE TABLE blob (
    -- Bytes on this disk, once however many notes carry them. The file's name follows from the hash and the key.
    sha256 TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    -- image, text, none: told from the bytes.
    preview TEXT NOT NULL DEFAULT 'none',
    created_at INTEGER NOT NULL,
    -- Last written or read: the cache lets go of the oldest first.
    used_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blob_by_use ON blob (used_at);

CREATE TABLE attachment (
    -- A file of a note as observed. The id is what a window asks for.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    -- ticket << 10 | seq, as in note.
    note_id INTEGER NOT NULL,
    position INTEGER NOT NULL,
    -- Empty while only our own receipt speaks for it.
    remote_id TEXT NOT NULL DEFAULT '',
    name TEXT NOT NULL,
    mime TEXT NOT NULL DEFAULT '',
    -- 0: the provider does not say.
    size_bytes INTEGER NOT NULL DEFAULT 0,
    -- Where the bytes are for now, where that expires; never an identity.
    url TEXT NOT NULL DEFAULT '',
    -- Of the bytes, once they were here.
    sha256 TEXT NOT NULL DEFAULT '',
    -- Why the last fetch failed, or empty.
    code TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX attachment_by_note ON attachment (note_id, position);
CREATE INDEX attachment_by_blob ON attachment (sha256) WHERE sha256 <> '';
CREATE INDEX attachment_expiring ON attachment (id) WHERE url <> '' AND sha256 = '' AND code = '';

INSERT INTO attachment (note_id, position, remote_id, name, mime, size_bytes)
SELECT note.id, file.key, coalesce(file.value ->> 'remote_id', ''), coalesce(file.value ->> 'name', 'file'),
       coalesce(file.value ->> 'mime', ''), coalesce(file.value ->> 'size_bytes', 0)
FROM note, json_each(note.attachments) AS file WHERE note.attachments <> '[]';

CREATE TRIGGER note_gone AFTER DELETE ON note BEGIN
    DELETE FROM attachment WHERE note_id = old.id;
END;
CREATE TRIGGER note_moved AFTER UPDATE OF id ON note BEGIN
    UPDATE attachment SET note_id = new.id WHERE note_id = old.id;
END;
CREATE TRIGGER operation_gone AFTER DELETE ON operation BEGIN
    DELETE FROM upload WHERE operation_id = old.id;
END;
CREATE TRIGGER operation_landed AFTER UPDATE OF state ON operation WHEN new.state = 'sent' BEGIN
    DELETE FROM upload WHERE operation_id = old.id;
END;
