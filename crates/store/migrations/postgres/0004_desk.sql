-- Who took a walk-in's report in, and since when its words and number are gone.
ALTER TABLE report ADD COLUMN taken_by TEXT COLLATE "C";         -- staff:<user id>
ALTER TABLE report ADD COLUMN purged_us BIGINT;
CREATE INDEX report_of_desk ON report (link, received_us) WHERE channel = 'desk';

-- How often something was done on one day: a form sent from an address, a code texted on its behalf.
CREATE TABLE budget (
    key  BYTEA    NOT NULL,              -- keyed hash: no address stands here
    day  BIGINT NOT NULL,              -- days since 1970-01-01 UTC
    used BIGINT NOT NULL,
    PRIMARY KEY (key, day)
);

-- Codes texted to prove a number before its report is sent.
CREATE TABLE phone_code (
    number_hash BYTEA    NOT NULL,
    form        BYTEA    NOT NULL,       -- hash of the form it was asked for
    code_hash   BYTEA    NOT NULL,
    expires_us  BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    PRIMARY KEY (number_hash, form)
);

-- What a citizen asked to be erased.
CREATE TABLE erasure (
    report_seq BIGINT PRIMARY KEY REFERENCES report (seq),
    asked_us   BIGINT NOT NULL,
    asked_by   TEXT COLLATE "C"    NOT NULL,        -- reporter, staff:<user id>
    done_us    BIGINT
);
CREATE INDEX erasure_waiting ON erasure (asked_us) WHERE done_us IS NULL;

-- Each day's purge, and what it removed.
CREATE TABLE purge_run (
    day        BIGINT PRIMARY KEY,     -- days since 1970-01-01 UTC
    started_us BIGINT NOT NULL,
    ended_us   BIGINT
);
CREATE TABLE purge_count (
    day     BIGINT NOT NULL,
    kind    TEXT COLLATE "C"    NOT NULL,
    removed BIGINT NOT NULL,
    PRIMARY KEY (day, kind)
);
