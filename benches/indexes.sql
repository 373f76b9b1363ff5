-- After the rows are in: what lookups and reports need.
CREATE UNIQUE INDEX users_login ON users (login);
CREATE UNIQUE INDEX users_id ON users (id);
CREATE UNIQUE INDEX users_email ON users (email COLLATE NOCASE);
CREATE INDEX memberships_org ON memberships (org);
CREATE INDEX exceptions_due ON exceptions (ends_at) WHERE recorded = 0;
ANALYZE;
PRAGMA wal_checkpoint(TRUNCATE);
