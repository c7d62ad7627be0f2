-- Support bundles that came home, the tickets they came with, and who has had one in hand.
CREATE TABLE ticket (
    digest text PRIMARY KEY, terminal text NOT NULL, most integer NOT NULL, issued_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL, used_at timestamptz, sha256 text
);
CREATE TABLE bundle (
    file text PRIMARY KEY, terminal text NOT NULL, at timestamptz NOT NULL, size integer NOT NULL, sha256 text NOT NULL
);
CREATE INDEX bundle_by_terminal ON bundle (terminal, at DESC);
-- act: issued, kept, refused, downloaded, deleted.
CREATE TABLE bundle_audit (
    at timestamptz NOT NULL, act text NOT NULL, terminal text NOT NULL, file text NOT NULL, who text NOT NULL
);
CREATE INDEX bundle_audit_by_file ON bundle_audit (file, at DESC);
CREATE INDEX bundle_audit_by_time ON bundle_audit (at);
