-- What the terminals say. No personal data: the contract (config/fleet_contract.py) has no place for any.
CREATE TABLE terminal (
    id text PRIMARY KEY,
    site text NOT NULL,
    session text NOT NULL,
    online boolean NOT NULL,
    mode text NOT NULL,
    worst text NOT NULL,
    software text NOT NULL,
    open_intents integer NOT NULL,
    state_at timestamptz,           -- the terminal's clock
    heard_at timestamptz NOT NULL,  -- ours, here and below
    since timestamptz NOT NULL,     -- of `online`
    first_at timestamptz NOT NULL,
    born boolean NOT NULL,          -- in this session
    seq bigint NOT NULL,
    hall_zh text NOT NULL,
    hall_en text NOT NULL,
    division text NOT NULL,
    metrics jsonb NOT NULL
);
CREATE TABLE section (
    terminal text NOT NULL, id text NOT NULL, state text NOT NULL, event text NOT NULL, cause text NOT NULL,
    who text NOT NULL, since timestamptz,
    PRIMARY KEY (terminal, id)
);
CREATE TABLE supply (
    terminal text NOT NULL, device text NOT NULL, item text NOT NULL, remaining real NOT NULL, unit text NOT NULL,
    ends_at timestamptz, at timestamptz NOT NULL,
    PRIMARY KEY (terminal, device, item)
);
-- The last value of each hour: where a terminal cannot say when something ends, three days of it do.
CREATE TABLE supply_hour (
    terminal text NOT NULL, device text NOT NULL, item text NOT NULL, hour timestamptz NOT NULL, remaining real NOT NULL,
    PRIMARY KEY (terminal, device, item, hour)
);
CREATE TABLE event (
    terminal text NOT NULL, chain text NOT NULL, n bigint NOT NULL, session text NOT NULL, id text NOT NULL,
    class text NOT NULL, at timestamptz NOT NULL, heard_at timestamptz NOT NULL, device text NOT NULL,
    severity text NOT NULL, detail jsonb NOT NULL,
    PRIMARY KEY (terminal, chain, n)
);
CREATE INDEX event_by_terminal ON event (terminal, at DESC);
CREATE INDEX event_by_time ON event (heard_at);
CREATE INDEX event_grave ON event (heard_at DESC) WHERE severity IN ('fault', 'alarm');
-- Times in which a terminal could or could not be used; `until` is null while it lasts.
CREATE TABLE spell (
    terminal text NOT NULL, since timestamptz NOT NULL, until timestamptz, serving boolean NOT NULL,
    PRIMARY KEY (terminal, since)
);
CREATE INDEX spell_open ON spell (terminal) WHERE until IS NULL;
CREATE INDEX spell_by_time ON spell (since);
-- Visits and ratings a day: counters of the terminals, added up over their restarts.
CREATE TABLE tally (
    terminal text NOT NULL, day date NOT NULL, series text NOT NULL, count bigint NOT NULL,
    PRIMARY KEY (terminal, day, series)
);
CREATE INDEX tally_by_day ON tally (day);
-- What the room knows of itself: when it last wrote, what it could not read.
CREATE TABLE room (key text PRIMARY KEY, value jsonb NOT NULL);
