"""`beslag export --to postgresql://…` against a real server: whole or not at all, for readers at any moment."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import duckdb
import making
import published
import pytest
from adbc_driver_postgresql import dbapi
from servers import PASSWORD, Server, postgres

from orchestration import postgres as exporter
from orchestration.errors import Busy, UsageError
from orchestration.postgres.address import Address, PostgresError
from orchestration.settings import Settings

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PGPASSWORD", raising=False)
        with postgres() as server:
            yield server


@pytest.fixture
def pg(server: Server) -> Iterator[Server]:
    """The server with an empty database `readers` and no role but its owner's."""
    yield server
    drop = "drop database readers with (force)"
    server.psql(drop, database="postgres")
    for role in server.psql(
        "select rolname from pg_roles where rolname !~ '^pg_|owner'", database="postgres"
    ).split():
        server.psql(f"drop role {role}", database="postgres")
    server.psql("create database readers", database="postgres")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = making.home(tmp_path)
    show(settings, "build1", n=1)
    return settings


def show(settings: Settings, build_id: str, n: int = 1) -> None:
    """Publish another build: every `marts.figures.n` is n."""
    made = published.write(settings.home / "made" / f"{build_id}.duckdb", build_id, n)
    made.replace(settings.published)


def test_everything_that_was_published_arrives_as_it_was(pg: Server, settings: Settings) -> None:
    done = exporter.export(settings, pg.url())
    assert (done.build_id, done.tables, done.where) == (
        "build1",
        4,
        f"postgresql://127.0.0.1:{pg.port}/readers",
    )
    with duckdb.connect(str(settings.published), read_only=True) as con, dbapi.connect(pg.url()) as there:
        total = 0
        for table in ("marts.figures", "marts.empty", "reference.words", "meta.build"):
            columns = [row[0] for row in con.execute(f"describe {table}").fetchall()]
            # Numbers and times as text, so that nothing is lost on the way through the driver
            cells = ", ".join(f"cast({c} as varchar)" for c in columns)
            with there.cursor() as cursor:
                cursor.execute(f"select {cells} from {table}")
                arrived = cursor.fetchall()
            wanted = con.execute(f"select {cells} from {table}").fetchall()
            assert sorted(map(repr, arrived)) == sorted(map(repr, wanted)), table
            total += len(wanted)
    assert done.rows == total


def test_types_and_comments_arrive(pg: Server, settings: Settings) -> None:
    exporter.export(settings, pg.url())
    described = pg.psql(
        "select attname, format_type(atttypid, atttypmod), col_description(attrelid, attnum) from pg_attribute "
        "where attrelid = 'marts.figures'::regclass and attnum > 0 order by attnum"
    )
    kinds = {"varchar": "text", "decimal(18,6)": "numeric(18,6)", "double": "double precision",
             "timestamp": "timestamp without time zone"}  # fmt: skip
    wanted = [f"{n}|{kinds.get(kind, kind)}|{says}" for n, (kind, says) in published.COLUMNS.items()]
    assert described.splitlines() == wanted
    assert pg.psql("select obj_description('marts.figures'::regclass)") == published.COMMENT
    said = pg.psql("select obj_description('marts'::regnamespace, 'pg_namespace')")
    assert said == "Beslag: what analysts use. Build build1; replaced whole by the next export."


def test_the_reader_reads_and_may_do_nothing_else(pg: Server, settings: Settings) -> None:
    exporter.export(settings, pg.url())
    pg.psql("create role analyst login password 'x' in role beslag_reader")

    def as_analyst(sql: str) -> str:
        return pg.psql(sql, "analyst", "x")

    assert as_analyst("select distinct n from marts.figures where n is not null") == "1"
    for forbidden in (
        "update marts.figures set n = 2",
        "create table marts.mine (n int)",
        "drop table meta.build",
    ):
        assert "permission denied" in as_analyst(forbidden) or "must be owner" in as_analyst(forbidden)
    assert pg.psql("select rolcanlogin from pg_roles where rolname = 'beslag_reader'") == "f"
    show(settings, "build2", n=2)
    exporter.export(settings, pg.url())
    assert as_analyst("select distinct n from marts.figures where n is not null") == "2"


def test_grants_are_carried_to_the_next_build(pg: Server, settings: Settings) -> None:
    exporter.export(settings, pg.url(), reader="the reader")
    pg.psql("create role \"o'dd\" login password 'x'; create role narrow login password 'x'")
    pg.psql('grant usage on schema marts to "o\'dd" with grant option; grant usage on schema marts to narrow')
    pg.psql(
        'grant select, references on marts.figures to "o\'dd"; grant select (n) on marts.figures to narrow'
    )
    pg.psql("grant select on reference.words to public; grant usage on schema reference to public")
    acl = (
        "select 'marts'::regnamespace, nspacl from pg_namespace where nspname in ('marts', 'reference', 'meta') union all "
        "select oid::regclass, relacl from pg_class where relnamespace::regnamespace::text in ('marts', 'reference') union all "
        "select attname, attacl from pg_attribute where attrelid = 'marts.figures'::regclass and attacl is not null"
    )
    acl = acl.replace("'marts'::regnamespace", "nspname::text", 1).replace("oid::regclass", "relname::text")
    before = sorted(pg.psql(acl).splitlines())
    assert any("o'dd" in line for line in before) and any(line.startswith("n|") for line in before)
    show(settings, "build2", n=2)
    exporter.export(settings, pg.url(), reader="the reader")
    assert sorted(pg.psql(acl).splitlines()) == before
    assert pg.psql("select max(n) from marts.figures", "narrow", "x") == "2"
    assert "permission denied" in pg.psql("select max(label) from marts.figures", "narrow", "x")


def test_nothing_is_left_beside_the_schemas(pg: Server, settings: Settings) -> None:
    for build in ("build1", "build2"):
        show(settings, build)
        exporter.export(settings, pg.url())
        schemas = pg.psql("select nspname from pg_namespace where nspname !~ '^pg_|information' order by 1")
        assert schemas.split() == ["marts", "meta", "public", "reference"]


PAIR = (
    "select concat_ws('|', (select build_id from meta.build), min(n), max(n), count(*)) "
    "from marts.figures where n is not null"
)


@pytest.mark.parametrize("isolation", ["read committed", "repeatable read"])
def test_a_reader_sees_the_old_build_or_the_new_one(pg: Server, settings: Settings, isolation: str) -> None:
    """Two statements in a transaction, over and over, while four builds are exported."""
    exporter.export(settings, pg.url())
    rows = pg.psql("select count(*) from marts.figures where n is not null")
    script = f"begin transaction isolation level {isolation}; select 1; {PAIR}; {PAIR}; commit;\n"
    seen: list[str] = []
    over = threading.Event()

    def read() -> None:
        with pg.popen("owner", PASSWORD, "readers", "-v", "ON_ERROR_STOP=1") as psql:
            assert psql.stdin and psql.stdout and psql.stderr
            while not over.is_set():
                psql.stdin.write(script)
                psql.stdin.flush()
                answers = [psql.stdout.readline().strip() for _ in range(3)]
                seen.append(";".join(answers[1:]) if answers[1] else psql.stderr.readline())
            psql.stdin.close()

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    try:
        for number in (2, 3, 4):
            show(settings, f"build{number}", n=number)
            exporter.export(settings, pg.url())
    finally:
        over.set()
        for reader in readers:
            reader.join()
    whole = {f"build{n}|{n}|{n}|{rows};build{n}|{n}|{n}|{rows}" for n in (1, 2, 3, 4)}
    assert set(seen) <= whole and len(set(seen)) > 1


def held(pg: Server, *statements: str) -> subprocess.Popen[str]:
    """A reader in an open transaction that has run these statements."""
    psql = pg.popen("owner", PASSWORD, "readers")
    assert psql.stdin and psql.stdout
    psql.stdin.write("".join(f"{s};\n" for s in statements) + "\\echo ready\n")
    psql.stdin.flush()
    while psql.stdout.readline() != "ready\n":
        pass
    return psql


@pytest.mark.parametrize(
    "statements",
    [
        ("begin", "select count(*) from reference.words"),
        ("begin transaction isolation level repeatable read", "select count(*) from pg_class"),
    ],
    ids=["it has read one table", "its snapshot is older than the rows"],
)
def test_the_swap_waits_for_an_open_reader_and_gives_up_in_a_sentence(
    pg: Server, settings: Settings, statements: tuple[str, ...]
) -> None:
    exporter.export(settings, pg.url())
    show(settings, "build2", n=2)
    with held(pg, *statements) as psql:
        with pytest.raises(PostgresError, match=r"for 0\.5 seconds; they see what they saw"):
            exporter.export(settings, pg.url(), wait_seconds=0.5)
        assert psql.stdin and psql.stdout
        psql.stdin.write(f"{PAIR};\ncommit;\n")
        psql.stdin.close()
        assert psql.stdout.read().startswith("build1|1|1|")
    exporter.export(settings, pg.url(), wait_seconds=0.5)
    assert pg.psql(PAIR).startswith("build2|2|2|")


def test_an_export_that_was_killed_leaves_readers_alone_and_the_next_one_clears_up(
    pg: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    exporter.export(settings, pg.url())
    show(settings, "build2", n=2)
    with monkeypatch.context() as patch:
        patch.setattr(exporter.swap, "swap_in", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            exporter.export(settings, pg.url())
    assert pg.psql("select build_id from meta.build") == "build1"
    assert "marts__next" in pg.psql("select nspname from pg_namespace")
    exporter.export(settings, pg.url())
    assert pg.psql("select build_id from meta.build") == "build2"
    assert "__next" not in pg.psql("select nspname from pg_namespace")


@pytest.mark.parametrize(
    ("before", "says"),
    [
        ("create schema meta", "has a schema meta that no export made"),
        ("create schema marts__next", "has a schema marts__next that no export made"),
    ],
)
def test_a_schema_of_somebody_else_is_never_replaced(
    pg: Server, settings: Settings, before: str, says: str
) -> None:
    pg.psql(before)
    with pytest.raises(PostgresError, match=says):
        exporter.export(settings, pg.url())


@pytest.mark.parametrize(
    ("between", "says"),
    [
        ("create view public.mine as select n from marts.figures", r"The view public\.mine stands on tables"),
        ("create view marts.mine as select 1", "other objects depend on it"),
        (
            "create role r; create table marts.t (n int); alter table marts.t owner to r",
            "other objects depend on it",
        ),
    ],
    ids=["a view elsewhere", "a view inside", "a table inside"],
)
def test_what_somebody_built_on_the_marts_stops_the_export_instead_of_vanishing(
    pg: Server, settings: Settings, between: str, says: str
) -> None:
    exporter.export(settings, pg.url())
    pg.psql(between)
    show(settings, "build2", n=2)
    with pytest.raises(PostgresError, match=says):
        exporter.export(settings, pg.url())
    assert pg.psql(PAIR).startswith("build1|1|1|")
    pg.psql("drop view if exists public.mine, marts.mine; drop table if exists marts.t")
    exporter.export(settings, pg.url())


def test_an_account_with_too_few_rights_is_told_which(pg: Server, settings: Settings) -> None:
    pg.psql("create role weak login password 'w3ak!'; create role beslag_reader")
    with pytest.raises(
        PostgresError, match=r"permission denied for database readers\. The account needs `create`"
    ):
        exporter.export(settings, pg.url("weak", "w3ak!"))
    with pytest.raises(PostgresError, match='create role "absent" nologin'):
        exporter.export(settings, pg.url("weak", "w3ak!"), reader="absent")
    pg.psql("grant create on database readers to weak")
    exporter.export(settings, pg.url("weak", "w3ak!"))
    assert pg.psql("select build_id from meta.build", "weak", "w3ak!") == "build1"


def test_two_exports_at_once_do_not_meet(pg: Server, settings: Settings) -> None:
    with dbapi.connect(pg.url()) as other:
        exporter.swap.one_at_a_time(other, Address.parse(pg.url()))
        with pytest.raises(Busy, match="Another export to postgresql://127"):
            exporter.export(settings, pg.url())


def command(settings: Settings, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", "from orchestration.cli import main; main()", "export", *arguments],
        capture_output=True, text=True, check=False,
        env={"BESLAG_HOME": str(settings.home), "PATH": "/usr/bin", "PYTHONPATH": ":".join(sys.path), **environment},
    )  # fmt: skip


def test_the_command_says_what_it_did(pg: Server, settings: Settings) -> None:
    done = command(settings, BESLAG_EXPORT_TO=pg.url())
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"postgresql://127.0.0.1:{pg.port}/readers holds build build1: 4 tables, ")


@pytest.mark.parametrize(
    ("url", "code", "says"),
    [
        ("postgresql://owner:s3cret%2F%25@127.0.0.1:{port}/readers", 5, "password authentication failed"),
        ("postgresql://127.0.0.1:1/readers?user=owner&password=s3cret%2F%25", 5, "There is no connection to postgresql://127.0.0.1:1/readers"),
        ("postgresql://owner:s3cret/%@127.0.0.1:{port}/readers", 2, "cannot be read; write it as postgresql://"),
        ("postgresql://owner:s3cret%2F%@127.0.0.1:{port}/readers", 5, "invalid percent-encoded"),
        ("mysql://owner:s3cret@127.0.0.1/readers", 2, "does not begin with postgresql://"),
        ("postgresql://owner:s3cret@127.0.0.1", 2, "names no database"),
        ("s3cret", 2, "does not begin with postgresql://"),
    ],
)  # fmt: skip
def test_a_wrong_address_is_a_sentence_without_the_password(
    pg: Server, settings: Settings, url: str, code: int, says: str
) -> None:
    done = command(settings, "--to", url.format(port=pg.port))
    assert done.returncode == code, done.stderr
    assert says in " ".join(done.stderr.split())
    assert "s3cret" not in done.stderr + done.stdout and "Traceback" not in done.stderr


def test_before_the_first_build_there_is_nothing_to_export(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="Nothing is published yet"):
        exporter.export(making.home(tmp_path), "postgresql://127.0.0.1/readers")


def test_an_address_shows_no_secret() -> None:
    address = Address.parse("postgresql://me:pass@db.example.org:5433/x?sslpassword=other")
    assert repr(address) == "Address(postgresql://db.example.org:5433/x)"
    assert address.secrets == ("other", "pass")
