"""What every peer checks of the five marts before it is done: the same in kind as Beslag's mart gate for these tables.

Here: the promises, as data, so that Great Expectations, dbt tests and polars assert the same ones. Nothing is imported
that a peer's environment may lack.
"""

from __future__ import annotations

from dataclasses import dataclass

PERIOD = ("period_grain", "period_start")
GRAINS = ("year", "half_year", "month")
COUNTRIES = ("NO", "SE", "DK", "FI", "IS")
WORDS = {"country_code": COUNTRIES, "comparability": ("ok", "break", "provisional")}
PCT = (0, 100)


@dataclass(frozen=True)
class Promise:
    """Of one mart: the columns that name a row, those never null, the values of some, the limits of others."""

    unique: tuple[str, ...]
    not_null: tuple[str, ...]
    in_set: dict[str, tuple[str, ...]]
    between: dict[str, tuple[float, float | None]]


PROMISES = {
    "seizures": Promise(
        unique=("seizure_key",),
        not_null=("seizure_key", "seized_on", "country_code", "agency", "substance_code", "quantity", "unit", "is_synthetic"),
        in_set={
            "country_code": COUNTRIES,
            "agency": ("police", "customs"),
            "status": ("preliminary", "confirmed"),
            "purity_basis": ("base", "salt", "unknown"),
        },
        between={"quantity": (0, 9_999_998), "mass_g": (0, None), "purity": (1, 1000)},
    ),
    "seizure_rate": Promise(
        unique=("country_code", "substance_group", *PERIOD),
        not_null=("country_code", "substance_group", *PERIOD, "period_end", "is_complete", "n_seizures"),
        in_set=WORDS | {"period_grain": GRAINS},
        between={"n_seizures": (0, None), "rate_ratio": (0, None), "dispersion": (0, None)},
    ),
    "substance_share": Promise(
        unique=("country_code", "substance_group", *PERIOD),
        not_null=("country_code", "substance_group", *PERIOD, "period_end", "is_complete", "n_seizures_all"),
        in_set=WORDS | {"period_grain": GRAINS},
        between={
            "share_count_pct": PCT, "share_count_pct_lo": PCT, "share_count_pct_hi": PCT, "share_mass_pct": PCT,
            "share_mass_pct_ex_top3": PCT, "mass_kg": (0, None),
        },
    ),
    "purity": Promise(
        unique=("country_code", "substance_code", "purity_measure", "purity_basis", *PERIOD),
        not_null=("country_code", "substance_code", "purity_measure", "purity_basis", *PERIOD, "n", "mean"),
        in_set=WORDS | {"period_grain": GRAINS, "purity_measure": ("pct_mass", "pct_thc", "mg_per_tablet")},
        between={"n": (1, None), "mean": (0, 1000), "median": (0, 1000), "min": (0, 1000), "max": (0, 1000)},
    ),
    "purity_by_size": Promise(
        unique=("country_code", "substance_code", "purity_measure", "purity_basis", "period_start", "size_class"),
        not_null=("country_code", "substance_code", "purity_measure", "period_start", "size_class", "n"),
        in_set=WORDS | {"period_grain": ("year",)},
        between={"n": (1, None), "median": (0, 1000), "gap_to_small_pp": (-100, 100)},
    ),
}  # fmt: skip
