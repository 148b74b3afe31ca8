-- Processes that work on this database, and who of them holds what.
CREATE TABLE instance (
    id         BLOB    PRIMARY KEY,
    roles      TEXT    NOT NULL,
    started_us INTEGER NOT NULL,
    until_us   INTEGER NOT NULL          -- gone unless renewed before
) STRICT;
CREATE TABLE lease (
    name     TEXT    PRIMARY KEY,
    instance BLOB    NOT NULL,
    until_us INTEGER NOT NULL,
    epoch    INTEGER NOT NULL            -- counts holders: an older one is not ours any more
) STRICT;
-- What all processes on one database must have in common, such as the fingerprint of their key.
CREATE TABLE mark (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;
-- Who marked it sending.
ALTER TABLE message ADD COLUMN sender BLOB;
CREATE INDEX message_sending ON message (sender) WHERE state = 'sending';
