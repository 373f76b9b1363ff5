"""A connection to the database that stays, for benches/compare: for each line of input
the work is done once; the answer is how long it took (seconds).

library.py DATABASE CASES lookup|change
"""

import itertools
import sqlite3
import sys
import time

LOOKUP = """SELECT u.id, u.mfa, u.method, m.role, m.opt_out_by, g.enforcement, g.enforced_from
    FROM users u LEFT JOIN memberships m ON m.login = u.login AND m.org = ?
    LEFT JOIN orgs g ON g.id = m.org WHERE u.login = ?"""
UPDATE = """UPDATE users SET mfa = ?, mfa_by = 'root',
    mfa_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now') WHERE login = ?"""
AUDIT = """INSERT INTO audit (at, operator, os_user, action, subject, before, after) VALUES
    (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 'root', 'root', 'user.set-mfa', ?, ?, ?)"""


def lookup(database, login, org, _):
    database.execute(LOOKUP, (org, login)).fetchall()


def change(database, login, _, off):
    before, after = ("on", "off") if off else ("off", "on")
    database.execute("BEGIN IMMEDIATE")
    database.execute(UPDATE, (after, login))
    database.execute(AUDIT, (login, f'{{"mfa":"{before}"}}', f'{{"mfa":"{after}"}}'))
    database.execute("COMMIT")


def main():
    path, cases, what = sys.argv[1:]
    work = {"lookup": lookup, "change": change}[what]
    with open(cases, encoding="utf-8") as lines:
        of_group = [line.split() for line in lines if line.startswith("switch ")]
    database = sqlite3.connect(path, isolation_level=None)
    database.execute("PRAGMA synchronous = FULL")
    turns = itertools.cycle([(case, off) for off in (True, False) for case in of_group])
    for _ in sys.stdin:
        (_, login, org, _), off = next(turns)
        begun = time.perf_counter()
        work(database, login, org, off)
        print(time.perf_counter() - begun, flush=True)


if __name__ == "__main__":
    main()
