-- How far each chain is held without a hole: what terminals are told, so that they may forget it.
ALTER TABLE event ADD COLUMN after bigint;  -- the event told before it; null from terminals that do not ask
CREATE TABLE held (
    terminal text NOT NULL, chain text NOT NULL, n bigint NOT NULL, at timestamptz NOT NULL,
    PRIMARY KEY (terminal, chain)
);
CREATE INDEX held_by_time ON held (at);
