-- The same data as a state holds, as a database that somebody would make for it.
-- Filled by benches/run from what `generate --sql` writes.
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;

CREATE TABLE orgs (
    id TEXT PRIMARY KEY, name TEXT, enforcement TEXT NOT NULL, enforced_from TEXT,
    grace_days INTEGER NOT NULL, grace_from TEXT, opt_out TEXT NOT NULL, mandated_roles TEXT
) WITHOUT ROWID;

CREATE TABLE users (
    login TEXT NOT NULL, id TEXT NOT NULL, name TEXT, email TEXT, sign_in TEXT NOT NULL,
    provider TEXT, active INTEGER NOT NULL, mfa TEXT NOT NULL, mfa_by TEXT, mfa_at TEXT,
    first_at TEXT, method TEXT, method_since TEXT
);

CREATE TABLE memberships (
    login TEXT NOT NULL, org TEXT NOT NULL, role TEXT NOT NULL, joined_at TEXT NOT NULL,
    opt_out_by TEXT, opt_out_at TEXT, opt_out_until TEXT, opt_out_message TEXT,
    PRIMARY KEY (login, org)
) WITHOUT ROWID;

CREATE TABLE exceptions (
    login TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, services TEXT,
    reason TEXT NOT NULL, follow_up TEXT, evidence TEXT, channel TEXT NOT NULL,
    requested_by TEXT NOT NULL, recorded_by TEXT NOT NULL, approved_by TEXT,
    starts_at TEXT NOT NULL, ends_at TEXT, recorded INTEGER NOT NULL,
    PRIMARY KEY (login, number)
) WITHOUT ROWID;

CREATE TABLE exception_orgs (
    login TEXT NOT NULL, number INTEGER NOT NULL, org TEXT NOT NULL,
    PRIMARY KEY (login, number, org)
) WITHOUT ROWID;

CREATE TABLE audit (
    rev INTEGER PRIMARY KEY, at TEXT NOT NULL, operator TEXT NOT NULL, os_user TEXT NOT NULL,
    action TEXT NOT NULL, subject TEXT, before TEXT, after TEXT, message TEXT
);
