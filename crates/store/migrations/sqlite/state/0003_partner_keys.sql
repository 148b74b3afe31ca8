-- Keys of bodies that report over the API (banks, operators' hotlines, a province's own 1022).
CREATE TABLE partner_key (
    id         BLOB    PRIMARY KEY,
    key_hash   BLOB    NOT NULL UNIQUE,
    partner    TEXT    NOT NULL,
    scopes     TEXT    NOT NULL,        -- JSON list
    per_minute INTEGER,                 -- reports a minute; NULL: unlimited
    created_us INTEGER NOT NULL,
    expires_us INTEGER,
    revoked_us INTEGER
) STRICT;
