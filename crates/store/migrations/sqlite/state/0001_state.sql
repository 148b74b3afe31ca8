-- Instants are microseconds since 1970-01-01 UTC.

CREATE TABLE cursor (
    name TEXT PRIMARY KEY,
    seq  INTEGER NOT NULL
) STRICT;
INSERT INTO cursor (name, seq) VALUES ('projector', 0);

-- Parts of long messages that wait for the others.
CREATE TABLE part (
    intake_seq  INTEGER PRIMARY KEY,
    part_key    BLOB    NOT NULL,       -- link group, source, destination, reference, width, total
    received_us INTEGER NOT NULL
) STRICT;
CREATE INDEX part_by_key ON part (part_key, received_us);

CREATE TABLE report (
    seq             INTEGER PRIMARY KEY,
    id              BLOB    NOT NULL UNIQUE,
    received_us     INTEGER NOT NULL,
    channel         TEXT    NOT NULL,
    link            TEXT    NOT NULL,
    operator        TEXT,
    to_code         TEXT,
    reporter_hash   BLOB,
    reporter_sealed BLOB,
    is_proven       INTEGER NOT NULL,   -- the reporter's number is proven (it came by SMS, or by a code)
    is_mobile       INTEGER NOT NULL,   -- the reporter may be answered by SMS
    intent          TEXT    NOT NULL,
    kind            TEXT,
    problem         TEXT,
    argument        TEXT,               -- code asked for, text to check
    text            TEXT    NOT NULL,   -- as received
    folded          TEXT    NOT NULL,
    content         TEXT    NOT NULL,
    leniencies      TEXT    NOT NULL,   -- JSON list of ids
    findings        TEXT    NOT NULL,   -- JSON list of {facet,id,quote}
    flags           TEXT    NOT NULL,   -- JSON list: how bytes became text
    near_key        TEXT,
    parts           TEXT    NOT NULL,   -- JSON list of intake seqs it was made of
    code            INTEGER NOT NULL,
    token_hash      BLOB,
    commune         TEXT,
    place           TEXT,
    money_lost      INTEGER,
    duplicate_of    INTEGER REFERENCES report (seq),
    state           TEXT    NOT NULL,   -- new, needs_officer, in_case, done, service
    corrected_us    INTEGER
) STRICT;
CREATE INDEX report_by_reporter ON report (reporter_hash, received_us) WHERE reporter_hash IS NOT NULL;
-- The figures of a period read this and nothing else.
CREATE INDEX report_by_time ON report (received_us, intent, kind, problem, duplicate_of);
CREATE INDEX report_by_code ON report (code);
CREATE INDEX report_by_state ON report (state, seq);
CREATE INDEX report_by_near ON report (near_key, seq) WHERE near_key IS NOT NULL;
CREATE INDEX report_by_token ON report (token_hash) WHERE token_hash IS NOT NULL;

CREATE TABLE source (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL,
    canonical TEXT NOT NULL COLLATE NOCASE,  -- sender names are one whatever their case
    operator  TEXT,                     -- as an operator's answer said, overrides the range holder
    UNIQUE (kind, canonical)
) STRICT;

CREATE TABLE report_source (
    report_seq  INTEGER NOT NULL REFERENCES report (seq),
    position    INTEGER NOT NULL,
    source_id   INTEGER NOT NULL REFERENCES source (id),
    as_received TEXT    NOT NULL,
    PRIMARY KEY (report_seq, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX report_source_by_source ON report_source (source_id, report_seq);

CREATE TABLE evidence (
    sha256   BLOB    PRIMARY KEY,
    size     INTEGER NOT NULL,
    mime     TEXT    NOT NULL,
    added_us INTEGER NOT NULL
) STRICT;
CREATE TABLE report_evidence (
    report_seq INTEGER NOT NULL REFERENCES report (seq),
    sha256     BLOB    NOT NULL REFERENCES evidence (sha256),
    name       TEXT    NOT NULL,
    added_us   INTEGER NOT NULL,
    added_by   TEXT    NOT NULL,
    PRIMARY KEY (report_seq, sha256)
) STRICT, WITHOUT ROWID;

-- "case" is a word of SQL.
CREATE TABLE casefile (
    number          INTEGER PRIMARY KEY,
    source_id       INTEGER NOT NULL REFERENCES source (id),
    version         INTEGER NOT NULL,
    state           TEXT    NOT NULL,
    requested_by    BLOB,
    since_us        INTEGER,
    until_us        INTEGER,
    reroutes        INTEGER,
    outcome         TEXT,
    referral        TEXT    NOT NULL,
    reconsideration TEXT    NOT NULL,
    owner           BLOB,
    opened_us       INTEGER NOT NULL,
    updated_us      INTEGER NOT NULL,
    previous        INTEGER REFERENCES casefile (number)
) STRICT;
CREATE INDEX casefile_by_source ON casefile (source_id, number);
CREATE INDEX casefile_by_state ON casefile (state, updated_us);
CREATE INDEX casefile_by_change ON casefile (updated_us);
CREATE INDEX casefile_by_opening ON casefile (opened_us);
-- A late block of an ended case is undone beside a newer case, hence not 'restoring'.
CREATE UNIQUE INDEX casefile_one_active ON casefile (source_id)
    WHERE state NOT IN ('restoring', 'restored', 'closed');

CREATE TABLE case_report (
    case_number INTEGER NOT NULL REFERENCES casefile (number),
    report_seq  INTEGER NOT NULL REFERENCES report (seq),
    PRIMARY KEY (case_number, report_seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX case_report_by_report ON case_report (report_seq);

CREATE TABLE case_event (
    id          INTEGER PRIMARY KEY,
    case_number INTEGER NOT NULL REFERENCES casefile (number),
    at_us       INTEGER NOT NULL,
    actor       TEXT    NOT NULL,       -- system, holder, operator:<id>, staff:<user id>
    action      TEXT    NOT NULL,
    note        TEXT    NOT NULL,
    detail      TEXT    NOT NULL
) STRICT;
CREATE INDEX case_event_by_case ON case_event (case_number, id);

CREATE TABLE request (
    id           BLOB    PRIMARY KEY,
    case_number  INTEGER NOT NULL REFERENCES casefile (number),
    measure      TEXT    NOT NULL,
    operator     TEXT    NOT NULL,
    issuing_body TEXT    NOT NULL,
    legal_basis  TEXT,
    until_us     INTEGER,
    created_us   INTEGER NOT NULL,
    state        TEXT    NOT NULL,      -- open, answered, withdrawn
    fetched_us   INTEGER,
    answer       TEXT,
    answer_note  TEXT,
    answered_us  INTEGER
) STRICT;
CREATE INDEX request_by_time ON request (created_us);
CREATE INDEX request_by_operator ON request (operator, created_us);
CREATE INDEX request_by_case ON request (case_number);
CREATE INDEX request_open ON request (operator, created_us) WHERE state = 'open';

CREATE TABLE referral (
    id              BLOB    PRIMARY KEY,
    case_number     INTEGER NOT NULL REFERENCES casefile (number),
    unit            TEXT    NOT NULL,
    note            TEXT    NOT NULL,
    created_us      INTEGER NOT NULL,
    created_by      TEXT    NOT NULL,
    acknowledged_us INTEGER,
    acknowledged_by TEXT,
    answer_note     TEXT
) STRICT;
CREATE INDEX referral_by_unit ON referral (unit, created_us);
CREATE INDEX referral_by_case ON referral (case_number);
CREATE INDEX referral_open ON referral (created_us) WHERE acknowledged_us IS NULL;

CREATE TABLE reconsideration (
    id             BLOB    PRIMARY KEY,
    case_number    INTEGER REFERENCES casefile (number),
    source_id      INTEGER NOT NULL REFERENCES source (id),
    token_hash     BLOB    NOT NULL UNIQUE,
    code           INTEGER NOT NULL,
    holder_name    TEXT    NOT NULL,
    contact_sealed BLOB    NOT NULL,
    statement      TEXT    NOT NULL,
    filed_us       INTEGER NOT NULL,
    state          TEXT    NOT NULL,    -- filed, granted, refused
    decided_us     INTEGER,
    decided_by     TEXT,
    reason         TEXT
) STRICT;
CREATE INDEX reconsideration_by_state ON reconsideration (state, filed_us);
CREATE INDEX reconsideration_by_case ON reconsideration (case_number);
CREATE INDEX reconsideration_by_source ON reconsideration (source_id);

CREATE TABLE bulletin (
    id           BLOB    PRIMARY KEY,
    case_number  INTEGER REFERENCES casefile (number),
    version      INTEGER NOT NULL,
    state        TEXT    NOT NULL,
    title        TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    sms          TEXT    NOT NULL,
    created_us   INTEGER NOT NULL,
    updated_us   INTEGER NOT NULL,
    published_us INTEGER,
    approved_by  BLOB,
    cancelled_us INTEGER
) STRICT;
CREATE INDEX bulletin_by_state ON bulletin (state, published_us);
CREATE TABLE bulletin_author (
    bulletin_id BLOB NOT NULL REFERENCES bulletin (id),
    user_id     BLOB NOT NULL,
    PRIMARY KEY (bulletin_id, user_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE subscriber (
    reporter_hash BLOB    PRIMARY KEY,
    sealed        BLOB    NOT NULL,
    link          TEXT    NOT NULL,
    to_code       TEXT    NOT NULL,
    since_us      INTEGER NOT NULL,
    cancelled_us  INTEGER
) STRICT;

-- Outgoing SMS: each row is the job that sends it.
CREATE TABLE message (
    seq          INTEGER PRIMARY KEY,
    unique_key   TEXT    NOT NULL UNIQUE,
    purpose      TEXT    NOT NULL,      -- reply, outcome, broadcast, code
    object       TEXT    NOT NULL,      -- report:<seq>, case:<number>, bulletin:<id>
    to_hash      BLOB    NOT NULL,
    to_sealed    BLOB    NOT NULL,
    text         TEXT    NOT NULL,
    link         TEXT    NOT NULL,
    from_code    TEXT    NOT NULL,
    state        TEXT    NOT NULL,      -- planned, sending, sent, delivered, failed, uncertain
    run_us       INTEGER NOT NULL,
    attempts     INTEGER NOT NULL,
    remote_id    TEXT,
    error        TEXT,
    created_us   INTEGER NOT NULL,
    sent_us      INTEGER,
    done_us      INTEGER
) STRICT;
CREATE INDEX message_planned ON message (link, run_us) WHERE state = 'planned';
CREATE INDEX message_by_state ON message (state, seq);
CREATE INDEX message_by_recipient ON message (to_hash, created_us);
CREATE INDEX message_by_object ON message (object);
CREATE INDEX message_by_time ON message (created_us, state);
CREATE INDEX message_by_remote ON message (link, remote_id) WHERE remote_id IS NOT NULL;

-- Delivery receipts that came before the answer that names the message.
CREATE TABLE parked_receipt (
    link      TEXT    NOT NULL,
    remote_id TEXT    NOT NULL,
    state     TEXT    NOT NULL,
    error     TEXT,
    at_us     INTEGER NOT NULL,
    PRIMARY KEY (link, remote_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX parked_receipt_by_time ON parked_receipt (at_us);

CREATE TABLE job (
    seq         INTEGER PRIMARY KEY,
    unique_key  TEXT    NOT NULL UNIQUE,
    kind        TEXT    NOT NULL,
    payload     TEXT    NOT NULL,
    state       TEXT    NOT NULL,       -- ready, done, dead
    run_us      INTEGER NOT NULL,
    leased_us   INTEGER NOT NULL,       -- claimed until
    attempts    INTEGER NOT NULL,
    error       TEXT,
    created_us  INTEGER NOT NULL
) STRICT;
CREATE INDEX job_ready ON job (run_us) WHERE state = 'ready';
CREATE INDEX job_dead ON job (seq) WHERE state = 'dead';

CREATE TABLE staff (
    id            BLOB    PRIMARY KEY,
    login         TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    unit          TEXT,
    password_hash TEXT    NOT NULL,
    is_disabled   INTEGER NOT NULL,
    created_us    INTEGER NOT NULL
) STRICT;
CREATE TABLE session (
    id         TEXT    PRIMARY KEY,
    data       BLOB    NOT NULL,
    expires_us INTEGER NOT NULL
) STRICT;
CREATE TABLE operator_key (
    key_hash   BLOB    PRIMARY KEY,
    operator   TEXT    NOT NULL,
    created_us INTEGER NOT NULL
) STRICT;
-- Codes sent to a phone to open a status page.
CREATE TABLE one_time_code (
    report_seq INTEGER PRIMARY KEY REFERENCES report (seq),
    code_hash  BLOB    NOT NULL,
    expires_us INTEGER NOT NULL,
    attempts   INTEGER NOT NULL
) STRICT;

CREATE TABLE audit (
    id     INTEGER PRIMARY KEY,
    at_us  INTEGER NOT NULL,
    actor  TEXT    NOT NULL,
    action TEXT    NOT NULL,
    object TEXT    NOT NULL,
    detail TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_by_object ON audit (object, id);
