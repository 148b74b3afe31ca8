-- What a sender called the thing it sent, written in the statement that appends its row of the log.
CREATE TABLE intake_key (
    scope      TEXT COLLATE "C" NOT NULL,
    key        BYTEA  NOT NULL,
    digest     BYTEA  NOT NULL,
    id         UUID   NOT NULL,
    seq        BIGINT NOT NULL,
    note       BYTEA  NOT NULL,
    at_us      BIGINT NOT NULL,
    expires_us BIGINT,
    PRIMARY KEY (scope, key)
);
CREATE INDEX intake_key_by_id ON intake_key (id, scope);
CREATE INDEX intake_key_by_expiry ON intake_key (expires_us) WHERE expires_us IS NOT NULL;

-- Keys of bodies that report over the API.
CREATE TABLE partner_key (
    id         UUID   PRIMARY KEY,
    key_hash   BYTEA  NOT NULL UNIQUE,
    partner    TEXT COLLATE "C" NOT NULL,
    scopes     TEXT COLLATE "C" NOT NULL,
    per_minute BIGINT,
    created_us BIGINT NOT NULL,
    expires_us BIGINT,
    revoked_us BIGINT
);
