-- The append-only intake log. No secondary index: one durable append per text is all it does.
-- seq is the commit order of its single writer and thus the projector's cursor.
CREATE TABLE intake (
    seq             INTEGER PRIMARY KEY,
    received_us     INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    link            TEXT    NOT NULL,
    meta            TEXT    NOT NULL,   -- JSON: what is needed to read the body again (alphabet, operator, ...)
    body            BLOB    NOT NULL,   -- the PDU with the sender's address taken out, or the form as JSON
    reporter_hash   BLOB,               -- keyed hash of the reporter's number
    reporter_sealed BLOB                -- the reporter's number, encrypted
) STRICT;
