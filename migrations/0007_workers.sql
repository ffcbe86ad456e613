-- Additive. Which processes work on jobs; for people to look at, nothing depends on it.
CREATE TABLE workers (
    id                TEXT   NOT NULL PRIMARY KEY,
    host              TEXT   NOT NULL,
    version           TEXT   NOT NULL,
    model             TEXT   NOT NULL,
    slots             BIGINT NOT NULL,
    running           BIGINT NOT NULL,
    settled           BIGINT NOT NULL,
    tokens_per_second BIGINT NOT NULL,
    draining          BIGINT NOT NULL,
    started_at        BIGINT NOT NULL,
    seen_at           BIGINT NOT NULL
);
