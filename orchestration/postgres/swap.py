"""Showing the filled schemas: grants carried, renamed, the old ones dropped, in one transaction.

PostgreSQL looks names up as they are now, not as they were when a reader's transaction began. A bare rename could
therefore give one reader tables of two builds, or empty ones whose rows its snapshot does not see. So the swap
waits until no snapshot is older than the new rows, and locks every old table before it renames: a reader
has ended, or it comes after. It never waits in the lock queue for long, since readers would wait behind it.
"""

from __future__ import annotations

import time

import adbc_driver_manager
from adbc_driver_postgresql import dbapi

from orchestration.errors import Busy
from orchestration.postgres.address import Address, PostgresError, name, query, run
from orchestration.postgres.load import MARK, NEXT, SCHEMAS, Loaded

OLD = "__old"
LOCK_NUMBER = 7_235_419_025  # any number, the same in every export
LOCK_NOT_AVAILABLE, DEADLOCK = "55P03", "40P01"
LOCK_TIMEOUT = "250ms"  # below deadlock_timeout: it is us who give way
PAUSE_SECONDS = 0.2
OLDER_SNAPSHOTS = """
select count(*) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'
    and backend_xmin is not null and age(backend_xmin) >= age($1::text::xid)
"""
VIEWS = """
select distinct format('%s.%s', vn.nspname, v.relname)
from pg_depend as d
inner join pg_rewrite as r on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
inner join pg_class as v on r.ev_class = v.oid
inner join pg_namespace as vn on v.relnamespace = vn.oid
inner join pg_class as t on d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid
inner join pg_namespace as tn on t.relnamespace = tn.oid
where v.oid <> t.oid and tn.nspname in ('marts', 'reference', 'meta')
order by 1
"""
GRANTEE = "case when a.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(a.grantee)) end"
OPTION = "case when a.is_grantable then ' with grant option' else '' end"
# What others than the owner may do with the old schema, its tables and columns, as grants on what has taken its name.
GRANTS = f"""
select format('grant %s on schema %I to %s%s', a.privilege_type, $2::text, {GRANTEE}, {OPTION})
from pg_namespace as n cross join lateral aclexplode(n.nspacl) as a
where n.nspname = $1 and a.grantee <> n.nspowner
union all
select format('grant %s on table %I.%I to %s%s', a.privilege_type, $2::text, c.relname, {GRANTEE}, {OPTION})
from pg_namespace as n
inner join pg_class as c on c.relnamespace = n.oid and c.relkind = 'r'
cross join lateral aclexplode(c.relacl) as a
where n.nspname = $1 and a.grantee <> c.relowner and to_regclass(format('%I.%I', $2::text, c.relname)) is not null
union all
select format('grant %s (%I) on table %I.%I to %s%s', a.privilege_type, t.attname, $2::text, c.relname, {GRANTEE}, {OPTION})
from pg_namespace as n
inner join pg_class as c on c.relnamespace = n.oid and c.relkind = 'r'
inner join pg_attribute as t on t.attrelid = c.oid and not t.attisdropped
cross join lateral aclexplode(t.attacl) as a
inner join pg_attribute as new on new.attrelid = to_regclass(format('%I.%I', $2::text, c.relname)) and new.attname = t.attname
where n.nspname = $1 and a.grantee <> c.relowner
"""


def one_at_a_time(pg: dbapi.Connection, address: Address) -> None:
    """Hold the database's export lock until the connection closes.

    Raises:
        Busy: another export holds it.
    """
    if not query(pg, "select pg_try_advisory_lock($1::bigint)", LOCK_NUMBER)[0][0]:
        raise Busy(f"Another export to {address.shown} is running; wait for it to end.")


def refuse_what_is_not_ours(pg: dbapi.Connection, address: Address) -> None:
    """Never replace a schema that no export made, nor pull tables from under somebody's view.

    Raises:
        PostgresError: saying which.
    """
    wanted = [schema + suffix for schema in SCHEMAS for suffix in ("", NEXT, OLD)]
    listed = ", ".join(f"'{schema}'" for schema in wanted)
    foreign = query(
        pg,
        f"select nspname from pg_namespace where nspname in ({listed}) "
        f"and coalesce(obj_description(oid, 'pg_namespace'), '') not like '{MARK}%' order by 1",
    )
    if foreign:
        raise PostgresError(
            f"{address.shown} has a schema {foreign[0][0]} that no export made; export to another database, or "
            "rename it. Nothing was changed."
        )
    if views := query(pg, VIEWS):
        raise PostgresError(
            f"The view {', '.join(v for (v,) in views)} stands on tables that the export replaces; drop it before and make it "
            "again after the export, or let its readers query the marts themselves. Nothing was changed."
        )
    pg.commit()


def swap_in(pg: dbapi.Connection, reader: str, loaded: Loaded, wait_seconds: float) -> None:
    """Put the next schemas in the place of the present ones, when no reader stands between.

    Raises:
        PostgresError: readers did not let go in time.
    """
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            if not query(pg, OLDER_SNAPSHOTS, loaded.transaction)[0][0]:
                _swap(pg, reader)
                pg.commit()
                return
        except adbc_driver_manager.Error as error:
            if error.sqlstate not in (LOCK_NOT_AVAILABLE, DEADLOCK):
                raise
        pg.rollback()
        if time.monotonic() >= deadline:
            raise PostgresError(
                f"Readers held the tables, or transactions older than the new rows, for {wait_seconds:g} seconds; "
                "they see what they saw. Run the export again, or give it longer with --wait."
            )
        time.sleep(PAUSE_SECONDS)


def _swap(pg: dbapi.Connection, reader: str) -> None:
    run(pg, f"set local lock_timeout = '{LOCK_TIMEOUT}'")
    old = query(
        pg,
        "select schemaname, tablename from pg_tables where schemaname in ('marts', 'reference', 'meta') "
        "and tableowner = current_user order by 1, 2",
    )
    if old:
        run(pg, f"lock table {', '.join(name(s, t) for s, t in old)} in access exclusive mode")
    for schema in SCHEMAS:
        for (grant,) in query(pg, GRANTS, schema, schema + NEXT):
            run(pg, grant)
        run(pg, f"grant usage on schema {name(schema + NEXT)} to {name(reader)}")
        run(pg, f"grant select on all tables in schema {name(schema + NEXT)} to {name(reader)}")
    present = {s for (s,) in query(pg, "select nspname from pg_namespace") if s in SCHEMAS}
    for schema in SCHEMAS:
        if schema in present:
            run(pg, f"alter schema {name(schema)} rename to {name(schema + OLD)}")
        run(pg, f"alter schema {name(schema + NEXT)} rename to {name(schema)}")
    # Without `cascade`: what somebody else has put there or built on it stops the swap instead of vanishing.
    if old:
        run(pg, f"drop table {', '.join(name(s + OLD, t) for s, t in old)}")
    for schema in sorted(present):
        run(pg, f"drop schema {name(schema + OLD)}")
