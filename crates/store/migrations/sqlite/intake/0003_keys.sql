-- What a sender called the thing it sent: sent again it is recognised, also after a crash between commit and answer.
-- Written in the transaction that appends the row of the log, and only for ways in that name what they send
-- (partners, aggregators, imports): texts over SMPP pay nothing for it.
CREATE TABLE intake_key (
    scope      TEXT    NOT NULL,        -- who names: partner:<name>, push:<name>
    key        BLOB    NOT NULL,        -- hash of the name
    digest     BLOB    NOT NULL,        -- hash of what was sent under it
    id         BLOB    NOT NULL,        -- what the sender asks for it by
    seq        INTEGER NOT NULL,        -- its row of the log
    note       BLOB    NOT NULL,        -- sealed: what the answer needs to be given once more
    at_us      INTEGER NOT NULL,
    expires_us INTEGER,                 -- forgotten after this; NULL: never
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX intake_key_by_id ON intake_key (id, scope);
CREATE INDEX intake_key_by_expiry ON intake_key (expires_us) WHERE expires_us IS NOT NULL;
