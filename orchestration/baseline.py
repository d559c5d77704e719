"""`ops.baseline`: how the build at hand differs from the one readers see, and which of it an operator has accepted.

Here: the table, and `beslag accept`. Not here: what refuses (expectations/baseline.py).
"""

from __future__ import annotations

import json

import duckdb

from expectations.baseline import COMPARED, refusing, summary
from orchestration import builds
from orchestration.archive import Archive
from orchestration.database import connect
from orchestration.errors import UsageError
from orchestration.settings import Settings

ACCEPTED = "accepted.json"
DDL = """
create schema if not exists ops;
create or replace table ops.baseline (
    baseline_build varchar, mart varchar, kind varchar, source varchar, period varchar, measure varchar,
    before decimal(38, 6), now decimal(38, 6), tolerance double, accepted varchar);
"""
KEY = ("mart", "kind", "source", "period", "measure")


def compare(settings: Settings) -> None:
    """Fill `ops.baseline`; it stays empty before the first build."""
    published = builds.published_id(settings)
    with connect(settings.build) as con:
        con.execute(DDL)
        if published is None:
            return
        con.execute(
            f"attach '{str(settings.published).replace(chr(39), chr(39) * 2)}' as published (read_only)"
        )
        forgotten, marts = _forgotten(con, settings), _marts_of_both(con)
        for each in COMPARED:
            if each.mart in marts:
                _compare(con, each.mart, published, forgotten)
        con.execute("detach published")
        for row in _accepted(settings, published):
            con.execute(
                f"update ops.baseline set accepted = ? where now = cast(? as decimal(38, 6)) and {' and '.join(f'{k} = ?' for k in KEY)}",
                [row["reason"], row["now"], *(row[k] for k in KEY)],
            )


def accept(settings: Settings, reason: str) -> list[str]:
    """Let what the last gate refused for its difference from the published build through, once: exactly these
    figures, and only as long as that build is published. The caller holds the lock.

    Raises:
        UsageError: no reason, or nothing was refused.
    """
    if not reason.strip():
        raise UsageError("Accepting needs a reason, which readers can look up in meta.accepted.")
    published = builds.published_id(settings)
    found = []
    if published and settings.build.exists():
        with connect(settings.build, read_only=True) as con:
            if con.execute(
                "select 1 from duckdb_tables() where schema_name = 'ops' and table_name = 'baseline'"
            ).fetchone():
                found = con.execute(
                    f"select {', '.join(KEY)}, cast(now as varchar), cast(before as varchar) from ops.baseline "
                    f"where accepted is null and baseline_build = ? and ({refusing()}) order by all",
                    [published],
                ).fetchall()
    if not found:
        raise UsageError(
            "The baseline suite has refused nothing, so there is nothing to accept; `beslag refresh` says what refuses."
        )
    rows = [
        dict(zip((*KEY, "now", "before"), row, strict=True)) | {"reason": reason.strip()} for row in found
    ]
    said = {"baseline_build": published, "rows": [*_accepted(settings, published or ""), *rows]}
    part = settings.work / (ACCEPTED + builds.PART)
    part.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
    part.replace(settings.work / ACCEPTED)
    return [
        f"Accepted: {r['measure']} of {r['source']} {r['period']}".rstrip()
        + f" in {r['mart']}: {r['before']} → {r['now']}."
        for r in rows
    ]


def _accepted(settings: Settings, published: str) -> list[dict[str, str]]:
    """What was accepted against the build that is published; anything else is past."""
    path = settings.work / ACCEPTED
    said = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return list(said["rows"]) if said.get("baseline_build") == published else []


def _forgotten(con: duckdb.DuckDBPyConnection, settings: Settings) -> list[str]:
    """Sources of which a delivery was forgotten since: that was said, with its reason, when it was done."""
    archive = Archive(settings.archive)
    rows = con.execute("select distinct source, sha256 from published.meta.snapshots").fetchall()
    return sorted({source for source, sha in rows if archive.forgotten(sha)})


def _marts_of_both(con: duckdb.DuckDBPyConnection) -> set[str]:
    """The marts that both builds have, as tables or views."""
    found = con.execute(
        "select table_name from information_schema.tables where table_schema = 'marts' "
        "group by table_name having count(distinct table_catalog) = 2"
    ).fetchall()
    return {name for (name,) in found}


def _compare(con: duckdb.DuckDBPyConnection, mart: str, published: str, forgotten: list[str]) -> None:
    each = next(c for c in COMPARED if c.mart == mart)
    made = "(select built_at from published.meta.build)"
    con.execute(
        f"""
        insert into ops.baseline
        with b as ({summary(each, "published.marts", made)}),
        n as ({summary(each, "marts", made)}),
        -- A source that is new, or whose real rows ended its synthetic ones, has nothing to be compared with.
        compared as (
            select source from b group by source
            intersect select source from n group by source
            except select source from
                (select distinct source, is_synthetic from b except select distinct source, is_synthetic from n)
            except select unnest($forgotten)),
        both_builds as (
            select kind, source, period, measure, coalesce(b.value, 0) as before, coalesce(n.value, 0) as now,
                coalesce(b.tolerance, n.tolerance) as tolerance, b.value is not null as was
            from (select * exclude (is_synthetic, value), sum(value) as value from b group by all) as b
            full join (select * exclude (is_synthetic, value), sum(value) as value from n group by all) as n
                using (kind, source, period, measure)
            where source in (select source from compared))
        select $published, '{mart}', kind, source, period, measure, before, now, tolerance, null
        from both_builds where was or kind = 'category'
        union all
        select $published, '{mart}', 'shift', source, '', '{each.category}', 0,
            50 * sum(abs(before / nullif(b, 0) - now / nullif(n, 0))), 0, null
        from (select *, sum(before) over (partition by source) as b, sum(now) over (partition by source) as n
            from both_builds where kind = 'category')
        group by source
        order by all""",
        {"published": published, "forgotten": forgotten},
    )
