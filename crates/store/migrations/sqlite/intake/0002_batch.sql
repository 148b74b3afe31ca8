-- The newest batch: asked for again after an unclear failure, it is not appended twice.
CREATE TABLE batch (
    id    BLOB    NOT NULL,
    first INTEGER NOT NULL               -- place of its first row
) STRICT;
