//! The tables of `policy.sqlite`. Columns are computed from the bodies, for people, constraints and searches.

/// In the head of the file: "guic".
pub(super) const APPLICATION_ID: i32 = 0x6775_6963;

/// What each version adds to the one before. A migration that was released is never changed.
pub(super) const MIGRATIONS: &[&str] = &[V1];

const V1: &str = "
CREATE TABLE organisations (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    title TEXT NOT NULL AS (body ->> 'title'),
    parent TEXT AS (body ->> 'parent'),
    siret TEXT AS (body ->> 'siret'),
    CHECK (id = body ->> 'id')
) STRICT;

CREATE TABLE members (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    organisation TEXT NOT NULL AS (body ->> 'organisation'),
    role TEXT NOT NULL AS (body ->> 'role') CHECK (role IN ('reader', 'editor', 'publisher', 'admin')),
    until TEXT AS (body ->> 'until'),
    CHECK (id = body ->> 'id')
) STRICT;

CREATE TABLE profiles (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    organisation TEXT AS (body ->> 'organisation'),
    \"rows\" TEXT NOT NULL AS (body ->> 'rows'),
    CHECK (id = body ->> 'id')
) STRICT;

CREATE TABLE grants (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    subject TEXT NOT NULL AS (body ->> 'subject'),
    layers TEXT NOT NULL AS (body ->> 'layers'),
    profile TEXT NOT NULL AS (body ->> 'profile'),
    actions TEXT NOT NULL AS (body ->> 'actions'),
    until TEXT AS (body ->> 'until'),
    CHECK (id = body ->> 'id')
) STRICT;

CREATE TABLE keys (
    id TEXT NOT NULL PRIMARY KEY CHECK (length(id) = 8),
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    organisation TEXT NOT NULL AS (body ->> 'organisation'),
    member TEXT AS (body ->> 'member'),
    label TEXT NOT NULL AS (body ->> 'label'),
    sha256 TEXT NOT NULL AS (body ->> 'sha256') CHECK (length(sha256) = 64),
    kind TEXT NOT NULL AS (body ->> 'kind') CHECK (kind IN ('secret', 'browser')),
    until TEXT AS (body ->> 'until'),
    replaced_by TEXT AS (body ->> 'replaced_by') REFERENCES keys (id) DEFERRABLE INITIALLY DEFERRED,
    CHECK (id = body ->> 'id')
) STRICT;
CREATE UNIQUE INDEX keys_by_text ON keys (sha256);

CREATE TABLE terms (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER,
    title TEXT NOT NULL AS (body ->> 'title'),
    CHECK (id = body ->> 'terms')
) STRICT;

CREATE TABLE layers (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER CHECK (revoked_us IS NULL),
    state TEXT AS (body ->> 'state') CHECK (state IN ('draft', 'published', 'withdrawn')),
    embargo_until TEXT AS (body ->> 'embargo_until'),
    CHECK (id = body ->> 'layer')
) STRICT;

CREATE TABLE suspensions (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER CHECK (revoked_us IS NULL),
    reason TEXT NOT NULL AS (body ->> 'reason'),
    CHECK (id = body ->> 'target')
) STRICT;

CREATE TABLE acceptances (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER CHECK (revoked_us IS NULL),
    organisation TEXT NOT NULL AS (body ->> 'organisation'),
    terms TEXT NOT NULL AS (body ->> 'terms'),
    CHECK (id = organisation || ':' || terms)
) STRICT;

CREATE TABLE requests (
    id TEXT NOT NULL PRIMARY KEY,
    body TEXT NOT NULL CHECK (json_valid(body)),
    revoked_us INTEGER CHECK (revoked_us IS NULL),
    organisation TEXT NOT NULL AS (body ->> 'organisation'),
    layer TEXT NOT NULL AS (body ->> 'layer'),
    state TEXT NOT NULL AS (body ->> 'state') CHECK (state IN ('open', 'approved', 'refused', 'withdrawn')),
    \"grant\" TEXT AS (body ->> 'grant') REFERENCES grants (id) DEFERRABLE INITIALLY DEFERRED,
    CHECK (id = body ->> 'id')
) STRICT;

CREATE TABLE epoch (
    one INTEGER NOT NULL PRIMARY KEY CHECK (one = 1),
    n INTEGER NOT NULL CHECK (n >= 0)
) STRICT;
INSERT INTO epoch VALUES (1, 0);
CREATE TRIGGER epoch_goes_up BEFORE UPDATE ON epoch WHEN new.n <= old.n
BEGIN SELECT raise(ABORT, 'the epoch never goes back'); END;
CREATE TRIGGER epoch_stays BEFORE DELETE ON epoch
BEGIN SELECT raise(ABORT, 'the epoch never goes back'); END;

CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    epoch INTEGER NOT NULL,
    at_us INTEGER NOT NULL,
    actor TEXT NOT NULL,
    act TEXT NOT NULL,
    name TEXT NOT NULL,
    before TEXT CHECK (before IS NULL OR json_valid(before)),
    after TEXT CHECK (after IS NULL OR json_valid(after)),
    prev_hash BLOB NOT NULL CHECK (length(prev_hash) = 32),
    hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32)
) STRICT;
CREATE INDEX audit_by_name ON audit (name);
CREATE TRIGGER audit_is_not_rewritten BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
CREATE TRIGGER audit_is_not_cut BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit is only added to'); END;
";

/// The table of a kind of entry ([`crate::access::Name::kind`]).
pub(super) const TABLES: &[(&str, &str)] = &[
    ("organisation", "organisations"),
    ("member", "members"),
    ("profile", "profiles"),
    ("grant", "grants"),
    ("key", "keys"),
    ("terms", "terms"),
    ("layer", "layers"),
    ("suspension", "suspensions"),
    ("acceptance", "acceptances"),
    ("request", "requests"),
];

/// The table in which entries of a kind stand.
pub(super) fn table(kind: &str) -> &'static str {
    let found = TABLES.iter().find(|(k, _)| *k == kind);
    found
        .map(|(_, table)| *table)
        .expect("a kind is one of the list")
}
