-- Who took a walk-in's report in, and since when its words and number are gone.
ALTER TABLE report ADD COLUMN taken_by TEXT;         -- staff:<user id>
ALTER TABLE report ADD COLUMN purged_us INTEGER;
CREATE INDEX report_of_desk ON report (link, received_us) WHERE channel = 'desk';

-- How often something was done on one day: a form sent from an address, a code texted on its behalf.
CREATE TABLE budget (
    key  BLOB    NOT NULL,              -- keyed hash: no address stands here
    day  INTEGER NOT NULL,              -- days since 1970-01-01 UTC
    used INTEGER NOT NULL,
    PRIMARY KEY (key, day)
) STRICT, WITHOUT ROWID;

-- Codes texted to prove a number before its report is sent.
CREATE TABLE phone_code (
    number_hash BLOB    NOT NULL,
    form        BLOB    NOT NULL,       -- hash of the form it was asked for
    code_hash   BLOB    NOT NULL,
    expires_us  INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    PRIMARY KEY (number_hash, form)
) STRICT, WITHOUT ROWID;

-- What a citizen asked to be erased.
CREATE TABLE erasure (
    report_seq INTEGER PRIMARY KEY REFERENCES report (seq),
    asked_us   INTEGER NOT NULL,
    asked_by   TEXT    NOT NULL,        -- reporter, staff:<user id>
    done_us    INTEGER
) STRICT;
CREATE INDEX erasure_waiting ON erasure (asked_us) WHERE done_us IS NULL;

-- Each day's purge, and what it removed.
CREATE TABLE purge_run (
    day        INTEGER PRIMARY KEY,     -- days since 1970-01-01 UTC
    started_us INTEGER NOT NULL,
    ended_us   INTEGER
) STRICT;
CREATE TABLE purge_count (
    day     INTEGER NOT NULL,
    kind    TEXT    NOT NULL,
    removed INTEGER NOT NULL,
    PRIMARY KEY (day, kind)
) STRICT, WITHOUT ROWID;
