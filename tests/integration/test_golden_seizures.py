"""What the marts on seizures say of the inputs that ship: published figures that anyone can look up, and what follows from them."""

from __future__ import annotations

import pytest
from running import Home

COCAINE = "country_code = 'NO' and substance_group = 'cocaine' and source = 'published_figures'"


def test_norwegian_cocaine_is_73_times_by_half_year_and_14_times_by_year(shipped: Home) -> None:
    rows = shipped.sql(
        "select period_grain, mass_kg, baseline_kg, ratio_to_baseline, mass_kg_ex_top1, mass_kg_ex_top3, "
        f"ratio_to_baseline_ex_top3, rank, comparability from marts.seizure_concentration where {COCAINE} "
        "and period_start = '2023-01-01' order by period_grain"
    )
    assert rows == [
        ("half_year", 1753, 24, pytest.approx(73.04, abs=0.01), 950, 88, pytest.approx(3.67, abs=0.01), 1, "break"),
        ("year", 2292, 160, pytest.approx(14.325), 1489, 627, pytest.approx(3.92, abs=0.01), 1, "break"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "mart", ["seizure_concentration", "early_warning", "enforcement_effort", "route_port"]
)
def test_rows_are_synthetic_exactly_where_the_register_stands_behind_them(shipped: Home, mart: str) -> None:
    mixed = "is_synthetic <> list_contains(string_split(source, '+'), 'seizures')"
    assert shipped.value(f"select count(*) from marts.{mart} where {mixed}") == 0
    assert shipped.value(f"select count(*) > 0 from marts.{mart} where not is_synthetic")


def test_nitazenes_were_first_published_for_2022_and_have_no_history(shipped: Home) -> None:
    rows = shipped.sql(
        "select year(period_start), n_seizures, is_first_seen, is_alarm, alarm_reason, break_ids from marts.early_warning "
        "where source = 'published_figures' and substance_code = 'synthetic_opioid.nitazenes' order by 1"
    )
    assert rows == [
        (2022, 4, True, None, "history_below_3_years", None),
        (2023, 14, False, None, "history_below_3_years", "un_nitazenes_2023"),
    ]


def test_cocaine_per_thousand_cases_rose_by_more_than_chance(shipped: Home) -> None:
    """682 in 9 286 cases, then 756 in 7 911: the second interval lies above the first."""
    rows = shipped.sql(
        f"select rate, rate_lo, rate_hi from marts.enforcement_effort where {COCAINE} and rate is not null order by period_start"
    )
    assert [row[0] for row in rows] == pytest.approx([73.444, 95.563], abs=0.001)
    assert rows[0][2] < rows[1][1]


def test_husnes_is_there_with_its_bound_and_no_share(shipped: Home) -> None:
    rows = shipped.sql(
        "select n_seizures, mass_kg, mass_kg_low, share_reason, port_size_class, port_size_reason, figure_ids, is_synthetic "
        "from marts.route_port where category like 'Husnes%'"
    )
    assert rows == [(1, None, 100, "published_record", None, "port_not_known", "PF0001", False)]


def test_the_interval_of_a_share_by_mass_shows_what_three_seizures_do(shipped: Home) -> None:
    """Cocaine in 2023: the lower bound reaches down to the share without the three largest."""
    ((lo, share, hi, without),) = shipped.sql(
        "select share_mass_pct_lo, share_mass_pct, share_mass_pct_hi, share_mass_pct_ex_top3 from marts.substance_share "
        "where source = 'seizures' and country_code = 'NO' and substance_group = 'cocaine' and period_grain = 'year' "
        "and period_start = '2023-01-01'"
    )
    assert lo < without < share < hi
    assert (lo, share, hi) == pytest.approx((10.4, 30.8, 48.0), abs=0.05)
