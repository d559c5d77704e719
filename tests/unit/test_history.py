"""History is a pure function of the deliveries; a delivery changes what it states, in its scope, and nothing else."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from typing import Any

import duckdb
import making
import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from making import History

from orchestration import fold, load, personal
from orchestration.contract import BOOKKEEPING
from orchestration.database import connect, transaction
from orchestration.errors import ContractError
from orchestration.load import is_latest

YEARLY = making.feed(revision={"scope": [{"field": "day", "by": "year"}]})
JAN, FEB, MAR, APR = (f"2024-0{month}-01" for month in (1, 2, 3, 4))


def csv(*rows: str) -> str:
    return making.HEADER + "".join(f"{row}\n" for row in rows)


def row(name: str, day: str = "2024-01-05", mass: Any = 1) -> tuple[Any, ...]:
    return name, date.fromisoformat(day), Decimal(mass)


A1, A2, B1 = "a,2024-01-05,1", "a,2024-01-05,2", "b,2024-01-05,1"


@pytest.fixture
def history(tmp_path: Path) -> History:
    return History(tmp_path, making.feed())


def test_a_table_exists_before_anything_was_delivered(history: History) -> None:
    assert history.fold().sentence() == "" and history.now() == []
    described = history.sql("select column_name, column_type from (describe raw.feed)")
    assert described == [*history.contract.raw_columns(), *BOOKKEEPING]


def test_an_error_while_rows_are_merged_is_the_one_that_is_told(tmp_path: Path) -> None:
    found = making.read(tmp_path, csv(A1))
    with connect() as con:
        with (
            pytest.raises(duckdb.ConversionException),
            transaction(con),
            fold.as_lines(con, found),
        ):
            con.execute("select cast(id as integer) from lines").fetchall()
        with fold.as_lines(con, found):  # and nothing is left of it
            assert con.execute("select id from lines").fetchall() == [("a",)]


def test_a_field_named_as_a_word_of_sql_is_refused_with_its_contract(tmp_path: Path) -> None:
    history = History(tmp_path, making.feed(fields=[making.field("id"), making.field("order")]))
    with pytest.raises(ContractError, match=r"feed\.yml: a name in schema.fields is a word of SQL"):
        history.fold()


def test_a_redelivered_extract_adds_nothing(history: History) -> None:
    history.told(JAN, csv(A1, B1))
    before = history.versions()
    report = history.told(FEB, csv(B1, A1))  # the same rows in another order: other bytes
    assert (report.folded, report.started, report.ended) == (1, 0, 0)
    assert history.versions() == before
    assert history.sql("select rows_loaded from ops.deliveries") == [(2,), (2,)]


def test_folding_again_with_nothing_new_does_nothing(history: History) -> None:
    history.told(JAN, csv(A1))
    report = history.fold()
    assert (report.folded, report.started, report.ended, report.current_rows) == (0, 0, 0, 1)


def test_a_correction_is_one_end_and_one_start(history: History) -> None:
    history.told(JAN, csv(A1, B1))
    report = history.told(FEB, csv(A2, B1))
    assert (report.ended, report.started) == (1, 1)
    assert history.now() == [row("a", mass=2), row("b")]
    assert history.at(JAN) == [row("a"), row("b")] and history.at("2023-12-31") == []
    ended = history.sql(
        "select _valid_from, _valid_to, _delivery_id, _ended_by from raw.feed where _valid_to is not null"
    )
    assert ended == [(datetime(2024, 1, 1), datetime(2024, 2, 1), 1, 2)]


def test_a_row_missing_from_a_full_extract_ends_and_can_come_back(history: History) -> None:
    history.told(JAN, csv(A1, B1))
    history.told(FEB, csv(A1))
    assert history.now() == [row("a")]
    history.told(MAR, csv(A1, B1))
    assert history.now() == [row("a"), row("b")]
    assert len(history.versions()) == 3


def test_a_to_b_to_a_comes_back_to_a(history: History) -> None:
    for known, content in ((JAN, csv(A1)), (FEB, csv(A2)), (MAR, csv(A1))):
        history.told(known, content)
    assert history.now() == [row("a")]
    assert [history.at(m) for m in (JAN, FEB, MAR)] == [[row("a")], [row("a", mass=2)], [row("a")]]
    assert history.sql("select count(*) from ops.deliveries") == [(3,)]


def test_a_delivery_ends_nothing_outside_its_scope(tmp_path: Path) -> None:
    history = History(tmp_path, YEARLY)
    history.told(JAN, csv("a,2014-01-01,1", "b,2014-01-01,1"))
    report = history.told(FEB, csv("a,2017-01-01,1"))
    assert report.ended == 0 and len(history.now()) == 3
    assert history.told(MAR, csv("b,2014-01-01,1")).ended == 1
    assert history.now() == [row("a", "2017-01-01"), row("b", "2014-01-01")]


def test_scopes_of_several_fields_are_not_confused(tmp_path: Path) -> None:
    fields = [making.field("land"), making.field("town"), making.field("n", type="integer")]
    history = History(
        tmp_path, making.feed(fields=fields, revision={"scope": [{"field": "land"}, {"field": "town"}]})
    )
    history.told(JAN, "land,town,n\na b,c,1\n,x,1\nx,,1\n")
    for known, line in ((FEB, "a,b c,2"), (MAR, "x,,2"), (APR, ",x,3")):
        history.told(known, f"land,town,n\n{line}\n")
    assert history.now() == [("a", "b c", 2), ("a b", "c", 1), ("x", None, 2), (None, "x", 3)]


def test_equal_rows_are_told_apart_by_their_number(history: History) -> None:
    history.told(JAN, csv(A1, A1, A1))
    assert history.told(FEB, csv(A1, A1)).ended == 1
    assert history.now() == [row("a")] * 2
    assert history.told(MAR, csv(A1, A1, A1, A1)).started == 2
    assert [r[3] for r in history.versions() if r[-3] is None] == [1, 2, 3, 4]


def test_missing_and_empty_cells_are_not_mixed_up_between_columns(tmp_path: Path) -> None:
    contract = making.feed(fields=[making.field("x"), making.field("y")], missingValues=["-"])
    history = History(tmp_path, contract)
    history.told(JAN, "x,y\na,-\n-,a\n,a\na,\n")
    assert len({r for r in history.sql("select _row_hash from raw.feed")}) == 4


def appending(**keys: Any) -> Any:
    return making.feed(revision={"mode": "append"}, **keys)


def test_an_append_ends_only_earlier_versions_of_its_own_keys(tmp_path: Path) -> None:
    history = History(tmp_path, appending(primaryKey=["id"]))
    history.told(JAN, csv(A1, B1))
    report = history.told(FEB, csv(A2, "c,2024-01-05,1"))
    assert (report.ended, report.started) == (1, 2)
    assert history.now() == [row("a", mass=2), row("b"), row("c")]
    assert history.told(MAR, csv(A2)).sentence() == "1 deliveries, 3 current"


def test_an_append_without_a_key_ends_nothing(tmp_path: Path) -> None:
    history = History(tmp_path, appending())
    history.told(JAN, csv(A1, B1))
    assert history.told(FEB, csv(A2, B1)).ended == 0
    assert history.now() == [row("a"), row("a", mass=2), row("b")]


def test_a_refused_delivery_leaves_raw_as_it_was_and_later_ones_go_on(history: History) -> None:
    history.told(JAN, csv(A1))
    before = history.versions()
    report = history.told(FEB, "<html>")
    assert history.versions() == before and report.folded == 0
    assert len(report.refused) == 1 and report.refused[0].startswith(f"feed/{FEB}.csv: it is a web page")
    assert history.sql("select source, file_name, known_at from ops.refusals") == [
        ("feed", f"{FEB}.csv", datetime(2024, 2, 1))
    ]
    assert history.told(MAR, csv(A2)).refused == []
    assert history.now() == [row("a", mass=2)]


def test_quarantined_and_dropped_rows_are_noted_with_their_delivery(tmp_path: Path) -> None:
    twice = {"rule": "exact_duplicates", "reason": "exported twice"}
    history = History(tmp_path, making.feed(drop=[twice]))
    report = history.told(JAN, csv(A1, A1, ",x,5", B1))
    assert report.sentence() == "1 deliveries, 2 row versions begun, 1 rows quarantined, 1 dropped, 2 current"
    assert history.sql(
        "select rows_in_file, rows_loaded, rows_quarantined, rows_dropped from ops.deliveries"
    ) == [(4, 2, 1, 1)]
    assert history.sql("select line, field, value, reason from ops.rejects order by all") == [
        (4, "day", "x", "not_a_date"), (4, "id", None, "missing_required"),
    ]  # fmt: skip
    assert history.sql("select rule, rows from ops.drops") == [("exact_duplicates", 1)]
    assert history.sql("select field, in_file, loaded, quarantined, dropped from ops.control_totals") == [
        ("mass_g", Decimal(8), Decimal(2), Decimal(5), Decimal(1))
    ]


@pytest.mark.parametrize(
    ("tolerance", "second", "says"),
    [
        ({"quarantined": 0.4}, csv(A1, ",,"), None),
        ({"quarantined": 0.4}, csv(A1, "c,x,1"), "1 of 2 rows cannot be read, more than the tolerated 40%"),
        ({"rows": 0.5}, csv(*["a,2024-01-05,1"] * 3), None),
        (
            {"rows": 0.5},
            csv(*["a,2024-01-05,1"] * 4),
            "it holds 4 rows where the delivery it replaces held 2",
        ),
        ({"rows": 0.4}, csv(A1), "it holds 1 rows where the delivery it replaces held 2"),
        ({"rows": 0.4}, csv("a,2025-01-05,1"), None),  # another year replaces nothing
        ({"size": 0.2}, csv(A1, B1 + " " * 20), "bytes where the delivery it replaces held 44"),
        ({"size": 0.5}, csv(A1, B1 + " " * 20), None),
    ],
)
def test_a_delivery_beyond_its_tolerance_is_refused(
    tmp_path: Path, tolerance: dict[str, float], second: str, says: str | None
) -> None:
    rule = {"reason": "years only grow", "quarantined": 1.0} | tolerance
    history = History(
        tmp_path, making.feed(tolerance=rule, revision={"scope": [{"field": "day", "by": "year"}]})
    )
    history.told(JAN, csv(A1, B1))
    report = history.told(FEB, second)
    if says is None:
        assert report.refused == []
    else:
        assert says in report.refused[0] and history.now() == [row("a"), row("b")]
        assert "quarantined" in str(tolerance) or "(years only grow)" in report.refused[0]


SYNTHETIC = making.feed(
    fields=[making.field("id"), making.field("day", type="date"), making.field("made", type="boolean")],
    synthetic={"column": "made"},
    revision={"scope": [{"field": "day", "by": "year"}]},
    tolerance={"rows": 0.1, "reason": "no change expected"},
)


def made(*names: str, year: int = 2024, synthetic: bool) -> str:
    return "id,day,made\n" + "".join(f"{name},{year}-01-01,{synthetic}\n" for name in names)


def test_the_first_real_delivery_ends_every_synthetic_row(tmp_path: Path) -> None:
    history = History(tmp_path, SYNTHETIC)
    history.told(JAN, made("x", "y", "z", synthetic=True))
    history.told(JAN, made("x", year=2023, synthetic=True))
    report = history.told(FEB, made("a", synthetic=False))  # no tolerance judges it by what was made up
    assert report.refused == [] and report.ended == 4
    assert [r[0] for r in history.now()] == ["a"]


def test_synthetic_deliveries_after_a_real_one_are_refused(tmp_path: Path) -> None:
    history = History(tmp_path, SYNTHETIC)
    history.told(JAN, made("a", synthetic=False))
    report = history.told(FEB, made("x", year=2023, synthetic=True))
    assert "holds synthetic rows, but the source has real deliveries" in report.refused[0]
    assert [r[0] for r in history.now()] == ["a"]


def test_deliveries_known_after_the_bound_are_left_out(history: History) -> None:
    for known, content in ((JAN, csv(A1)), (FEB, csv(A2)), (MAR, csv(B1))):
        history.deliver(known, content)
    history.fold(before=datetime(2024, 2, 1))
    assert history.now() == [row("a")]
    history.fold(before=datetime(2024, 2, 1, 0, 0, 1))
    assert history.now() == [row("a", mass=2)]
    history.fold()
    assert history.now() == [row("b")]
    history.fold(before=datetime(2024, 2, 1))
    assert history.now() == [row("a")] and len(history.versions()) == 1


def test_a_failed_run_leaves_the_transaction_rolled_back_and_can_be_run_again(
    history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    history.told(JAN, csv(A1))
    before = history.versions(), history.accounts()
    history.deliver(FEB, csv(A2))
    with monkeypatch.context() as broken:
        broken.setattr(load, "_account", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            history.fold()
    assert (history.versions(), history.accounts()) == before
    assert history.fold().folded == 1
    assert history.now() == [row("a", mass=2)]


def test_another_hash_key_reads_the_source_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    history = History(tmp_path, making.feed(fields=[making.field("case_id", personal="hash")]))
    history.told(JAN, "case_id\nNO-1\n")
    hashed = history.now()
    assert history.fold().folded == 0
    monkeypatch.setenv("BESLAG_KEY", "another key of enough length")
    personal.hash_key.cache_clear()
    assert history.fold().folded == 1
    assert history.now() != hashed and len(history.versions()) == 1


def test_another_contract_reads_the_source_again(history: History) -> None:
    history.told(JAN, csv(A1, "b,2024-01-05,-"))
    assert history.fold().folded == 0
    history.contract = making.feed(missingValues=["", "-"])
    report = history.fold()
    assert report.folded == 1 and report.rows_quarantined == 0
    assert history.now() == [row("a"), ("b", date(2024, 1, 5), None)]
    assert history.sql("select count(*) from ops.deliveries") == [(1,)]
    assert history.sql("select count(*) from ops.rejects") == [(0,)]


def test_bytes_missing_from_the_archive_are_refused_by_name(history: History) -> None:
    delivery = history.deliver(JAN, csv(A1))
    path = history.archive.path(delivery.sha256)
    path.chmod(0o600)
    path.write_text(csv(A2))
    (sentence,) = history.fold().refused
    assert "archived bytes are missing or damaged; restore" in sentence and "--full" in sentence
    assert history.now() == []


def test_forgotten_deliveries_leave_history(history: History) -> None:
    history.told(JAN, csv(A1))
    delivery = history.deliver(FEB, csv(A2))
    history.fold()
    history.archive.forget(delivery.sha256, "court order", making.NOON)
    history.fold()
    assert history.now() == [row("a")] and len(history.versions()) == 1


CONTENTS = {JAN: csv(A1, A1, B1), FEB: csv(A2, "c,2023-01-01,1"), MAR: "<html>"}


def test_history_is_the_same_whatever_the_order_of_arrival(tmp_path: Path) -> None:
    at_once = History(tmp_path / "at_once", YEARLY)
    for known, content in CONTENTS.items():
        at_once.deliver(known, content)
    at_once.fold()
    for number, order in enumerate(permutations(CONTENTS)):
        one_by_one = History(tmp_path / str(number), YEARLY)
        for known in order:
            one_by_one.told(known, CONTENTS[known])
        assert one_by_one.versions() == at_once.versions(), order
        assert one_by_one.accounts() == at_once.accounts(), order


LINES = st.sampled_from([A1, A2, B1, "a,2023-01-05,1", "c,2023-01-05,x", "d,2022-01-05,1"])
DELIVERIES = st.lists(
    st.tuples(st.sampled_from([JAN, FEB, MAR, APR]), st.lists(LINES, min_size=1, max_size=5)),
    min_size=1,
    max_size=5,
)
CONTRACTS = [
    YEARLY,
    making.feed(revision={"mode": "append"}, primaryKey=["id"]),
    making.feed(tolerance={"rows": 0.5, "quarantined": 0.3, "reason": "tests"}),
]


@pytest.mark.parametrize("contract", CONTRACTS, ids=["scoped", "append", "tolerance"])
@given(deliveries=DELIVERIES)
@examples(max_examples=10)
def test_history_folded_bit_by_bit_is_history_folded_at_once(
    tmp_path_factory: pytest.TempPathFactory, contract: Any, deliveries: list[tuple[str, list[str]]]
) -> None:
    bit_by_bit, at_once = (History(tmp_path_factory.mktemp("history"), contract) for _ in "ab")
    for known, lines in deliveries:
        bit_by_bit.told(known, csv(*lines))
    for known, lines in reversed(deliveries):
        at_once.deliver(known, csv(*lines))
    at_once.fold()
    assert bit_by_bit.versions() == at_once.versions()
    assert bit_by_bit.accounts() == at_once.accounts()


def test_bytes_are_the_latest_only_while_nothing_newer_covers_their_scope(tmp_path: Path) -> None:
    import duckdb

    history, build = History(tmp_path, YEARLY), tmp_path / "build.duckdb"
    assert not is_latest(build, "feed", "0" * 64)
    history.con = duckdb.connect(str(build))
    first, other_year = (history.deliver(k, csv(c)) for k, c in ((JAN, A1), (FEB, "a,2023-01-05,1")))
    history.fold()
    history.con.close()
    assert is_latest(build, "feed", first.sha256) and is_latest(build, "feed", other_year.sha256)
    history.con = duckdb.connect(str(build))
    history.told(MAR, csv(A2))
    history.con.close()
    assert not is_latest(build, "feed", first.sha256) and is_latest(build, "feed", other_year.sha256)
