"""What the page says about the build itself: claims judged, freshness, checks, marts, and what in it is made up."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

import duckdb

from orchestration.site import words
from orchestration.site.figures import Key, Missing, View, query, read_rows, views
from orchestration.site.markup import article, sql, table

DOCUMENTS = {  # the folder of reference documents names files by number; people know them by these
    "000_f1d3b6f629727528.txt": "Kripos 2024",
    "001_41458bf6b42ffbbc.txt": "Organized Crime Index, Norway",
    "002_d4d2a21f619565f1.txt": "politiet.no 2021",
    "003_c960d8003cad08d5.txt": "Norwegian police 2025, violence for hire",
    "004_80e6b864d2ca46bb.txt": "Polisen 2021",
}


def build(con: duckdb.DuckDBPyConnection) -> str:
    """Which build this is."""
    row = con.execute("select * from meta.build").fetchone() or ()
    facts = dict(zip((column[0] for column in con.description or ()), row, strict=False))
    as_of = f", as known on {facts['as_of']}" if facts.get("as_of") else ""
    return escape(
        f"Build {facts.get('build_id')}, made {facts.get('built_at'):%Y-%m-%d %H:%M} UTC{as_of}. "
        f"Code {facts.get('code_version')}, schema {facts.get('schema_version')}."
    )


def titles(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """What each source is."""
    return dict(con.execute("select source, title from meta.sources order by source").fetchall())


def banner(con: duckdb.DuckDBPyConnection, charts: Iterable[dict[Key, View]], names: dict[str, str]) -> str:
    """Says which of the sources behind the figures shown are made up; nothing when none is."""
    made_up = {
        part
        for content in charts
        for view in content.values()
        for row in view.rows
        if row.is_synthetic
        for part in row.source.split("+")
    } - _real(con)
    if not made_up:
        return ""
    which = words.listed([names.get(source, source) for source in sorted(made_up)])
    return (
        '<div class="banner" role="note"><strong>Some figures here are made up.</strong> Those that come from the sources '
        f"{escape(which)} are synthetic: they show what the page does with an agency’s extract and are evidence of "
        "nothing. They are drawn hollow and dashed, and sentences that rest on them say so.</div>"
    )


def claims(con: duckdb.DuckDBPyConnection) -> str:
    """The claim ledger: every claim with its verdict and the evidence."""
    heading, question = "Claims and verdicts", "Do published figures bear out what threat assessments claim?"
    facts = '<p class="facts"><a href="#mart-claim_ledger">marts.claim_ledger</a> · no verdict rests on a made-up figure</p>'
    try:
        rows = read_rows(con, "claims")
    except Missing:
        return article(
            "claims", heading, "This build has no marts.claim_ledger to read this from.", question, facts
        )
    if not rows:
        return article("claims", heading, "marts.claim_ledger holds no claim in this build.", question, facts)
    says = words.verdicts(views({**row, "country_code": None} for row in rows)["", ""])
    kinds = list(dict.fromkeys(str(row["verdict"]) for row in rows))
    boxes = "".join(
        f'<label><input type="checkbox" name="verdict" value="{escape(kind)}" checked> {escape(kind.replace("_", " "))} '
        f"({sum(row['verdict'] == kind for row in rows)})</label>"
        for kind in kinds
    )
    body = "".join(
        f'<tr data-verdict="{escape(str(row["verdict"]))}"><td class="verdict {escape(str(row["verdict"]))}">'
        f"{escape(str(row['verdict']).replace('_', ' '))}</td>"
        f"<td>{escape(str(row['claim']))}<small>{escape(_where(row['document'], row['locator'], row['claim_id']))}</small></td>"
        f"<td>{escape(str(row['value_claimed'] or ''))}</td><td>{escape(str(row['value_found'] or ''))}</td>"
        f"<td><details><summary>Evidence</summary>{escape(str(row['evidence'] or ''))}</details></td></tr>"
        for row in rows
    )
    head = "".join(f'<th scope="col">{c}</th>' for c in ("Verdict", "Claim", "Claimed", "Found", "Why"))
    return article(
        "claims", heading, says, question,
        f'<fieldset class="verdicts"><legend>Show</legend>{boxes}</fieldset><div class="scroll tall" tabindex="0" role="region" '
        f'aria-label="Claims and verdicts"><table id="ledger"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'
        f"{facts}{sql(query('claims'))}",
    )  # fmt: skip


def freshness(con: duckdb.DuckDBPyConnection) -> str:
    """How fresh each source is, and what the gates found."""
    rows = read_rows(con, "freshness")
    states = [str(row["state"]) for row in rows]
    counts = [f"{states.count(s)} {s}" for s in ("fresh", "stale", "never delivered") if s in states]
    checks = read_rows(con, "checks")
    total, passed = (sum(int(str(row[name])) for row in checks) for name in ("checks", "passed"))
    says = f"Of {len(rows)} sources, {words.listed(counts)}; {words.number(passed)} of {words.number(total)} checks passed"
    shown = table(
        ("Source", "Producer", "State", "Last known", "Deliveries", "Rows", "Quarantined", "Licence"),
        (
            [
                row["title"], row["producer"], row["state"], str(row["last_known_at"] or "")[:10], row["deliveries"],
                row["rows_loaded"], row["rows_quarantined"], row["licence"],
            ]
            for row in rows
        ),
        "Sources",
    )  # fmt: skip
    gates = table(
        ("Gate", "Checks", "Passed", "Failed and blocking"),
        ([row["gate"], row["checks"], row["passed"], row["refusing"]] for row in checks),
        "Checks that let this build through",
    )
    failed = read_rows(con, "failed")
    names = ("suite", "check_name", "table_name", "column_name", "severity", "failing_rows")
    if failed:
        gates += table(
            ("Suite", "Check that failed", "Table", "Column", "Severity", "Rows"),
            ([row[name] for name in names] for row in failed),
            "Checks that failed without blocking",
        )
    return article(
        "freshness", "Freshness and checks", says, "How old is what the build stands on, and was it judged?",
        f"{shown}{gates}<p class=\"facts\">meta.sources, meta.snapshots, meta.check_results</p>"
        f"{sql(query('freshness'))}{sql(query('checks'))}",
    )  # fmt: skip


def marts(con: duckdb.DuckDBPyConnection) -> str:
    """What each mart says of itself: the question, one row per what, what it cannot say."""
    found = con.execute(
        "select table_name, comment, estimated_size from duckdb_tables() where schema_name = 'marts' order by table_name"
    ).fetchall()
    return "".join(
        f'<dt id="mart-{escape(name)}">marts.{escape(name)}</dt><dd>{escape((comment or "").replace("**", ""))} '
        f"<span>{words.number(size)} rows.</span></dd>"
        for name, comment, size in found
    )


def _real(con: duckdb.DuckDBPyConnection) -> set[str]:
    """Sources that are real: rates and indices stand behind made-up figures without being made up."""
    try:
        found = con.execute("select distinct source from marts.indicators where not is_synthetic").fetchall()
    except duckdb.CatalogException:
        return set()
    return {part for (source,) in found for part in source.split("+")}


def _where(document: object, locator: object, claim_id: object) -> str:
    return f"{DOCUMENTS.get(str(document), document)}, {locator} · {claim_id}"
