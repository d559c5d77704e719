"""The five marts in pandas, from the lines that stand. Same rules as benchmarks/models; masses are doubles."""

from __future__ import annotations

import numpy as np
import pandas as pd
from cleaning import NEEDED, by_grain, seed, start

Z = 1.959963984540054
CELL = ["country_code", "substance_code", "substance_group", "purity_measure", "purity_basis"]
GROUP = ["country_code", "substance_group"]
PERIOD = ["period_grain", "period_start"]


def labelled(frame: pd.DataFrame) -> pd.DataFrame:
    """With the labels of countries and groups, and the source."""
    frame = frame.merge(seed("countries")[["country_code", "country_label"]], on="country_code")
    return frame.merge(seed("substance_groups"), on="substance_group").assign(source="seizures")


def seizures(lines: pd.DataFrame) -> pd.DataFrame:
    """marts.seizures."""
    order = (
        "seized_on country_code area agency place_class transport_mode substance_code quantity unit purity purity_measure "
        "purity_basis status is_synthetic"
    ).split()
    frame = labelled(lines[lines["is_counted"]]).sort_values(order, ignore_index=True)
    frame["seizure_key"] = "seizures-" + (frame.index + 1).astype(str)
    frame = frame.assign(row_unit="seizure", date_grain="day", n_seizures=1)
    labels = ["substance_label", "substance_group", "substance_group_label", "country_label", "mass_g"]
    return frame[[*order, *labels, "seizure_key", "source", "row_unit", "date_grain", "n_seizures"]]


def periods(lines: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What each country covers, and counts and masses of each group in each of those periods."""
    month = start("month", lines["seized_on"]).rename("month")
    months = lines.groupby(["country_code", month], as_index=False).agg(
        {"is_synthetic": "any", "known_on": "max"}
    )
    known = months.groupby("country_code", as_index=False)["known_on"].max()
    coverage = (
        by_grain(months, "month")
        .groupby(["country_code", *PERIOD], as_index=False)
        .agg(n_months=("month", "size"), is_synthetic=("is_synthetic", "any"))
    )
    needed = coverage["period_grain"].map(NEEDED)
    first = coverage["period_start"].dt.to_period("M")
    coverage["period_end"] = (first + needed).dt.to_timestamp() - pd.Timedelta(days=1)
    coverage = coverage.merge(known, on="country_code")
    coverage["is_complete"] = (coverage["n_months"] == needed) & (
        coverage["known_on"] > coverage["period_end"]
    )
    coverage = coverage.drop(columns=["n_months", "known_on"])
    counted = lines[lines["is_counted"]].assign(month=month)
    parts = counted.groupby([*GROUP, "month"], as_index=False).agg(
        n_seizures=("mass_g", "size"), n_mass_lines=("mass_g", "count"), mass_g=("mass_g", "sum")
    )
    sums = (
        by_grain(parts, "month")
        .groupby([*GROUP, *PERIOD], as_index=False)[["n_seizures", "n_mass_lines", "mass_g"]]
        .sum()
    )
    sums["mass_g"] = sums["mass_g"].where(sums["n_mass_lines"] > 0)  # null, not 0, where no line has a mass
    ranked = counted.loc[counted["mass_g"].notna(), [*GROUP, "month", "mass_g"]].sort_values(
        "mass_g", ascending=False
    )
    top = by_grain(ranked.groupby([*GROUP, "month"]).head(3), "month").sort_values("mass_g", ascending=False)
    top = top.groupby([*GROUP, *PERIOD]).head(3).groupby([*GROUP, *PERIOD], as_index=False)["mass_g"].sum()
    cells = (
        coverage.merge(counted[GROUP].drop_duplicates(), on="country_code")
        .merge(sums, on=[*GROUP, *PERIOD], how="left")
        .merge(top.rename(columns={"mass_g": "top3_g"}), on=[*GROUP, *PERIOD], how="left")
    )
    cells.loc[cells["n_seizures"].isna(), "mass_g"] = 0.0
    filled = {name: cells[name].fillna(0).astype("int64") for name in ("n_seizures", "n_mass_lines")}
    return coverage, cells.assign(**filled, top3_g=cells["top3_g"].fillna(0.0))


def compared(frame: pd.DataFrame, topic: str) -> pd.DataFrame:
    """With `comparability`, and whether a break lies between the period and a year earlier."""
    topics = seed("break_topics")
    breaks = seed("breaks").merge(topics[topics["topic"] == topic], on="break_id")
    frame = frame.reset_index(drop=True)
    crosses = pd.Series(False, index=frame.index)
    earlier = frame["period_start"] - pd.DateOffset(years=1)
    for row in breaks.itertuples():
        on = pd.Timestamp(row.breaks_on)
        here = (earlier < on) & (on <= frame["period_end"])
        for wanted, column in ((row.country_code, "country_code"), (row.substance_group, "substance_group")):
            here &= (frame[column] == wanted) | pd.isna(wanted)
        crosses |= here
    words = np.select([crosses, ~frame["is_complete"]], ["break", "provisional"], "ok")
    return frame.assign(crosses=crosses, comparability=words)


def first_of(*cases: tuple[pd.Series, str]) -> np.ndarray:
    """The word of the first case that holds, else null."""
    return np.select(
        [when.fillna(False).astype(bool) for when, _ in cases], [word for _, word in cases], None
    )


def seizure_rate(cells: pd.DataFrame) -> pd.DataFrame:
    """marts.seizure_rate."""
    months = cells[cells["period_grain"] == "month"].sort_values([*GROUP, "period_start"])
    months = months.assign(squares=months["n_seizures"] ** 2, covered=months["is_complete"].astype(int))
    rolling = months.groupby(GROUP)[["n_seizures", "squares", "covered"]].rolling(12).sum().droplevel([0, 1])
    first = months.groupby(GROUP)["period_start"].shift(11)
    whole = (rolling["covered"] == 12) & (first == months["period_start"] - pd.DateOffset(months=11))
    twelve = months[[*GROUP, "period_end"]].assign(n_sum=rolling["n_seizures"], squares=rolling["squares"])[
        whole
    ]
    names = {"n_seizures": "n_prev", "is_complete": "prev_complete", "is_synthetic": "prev_synthetic"}
    before = cells[[*GROUP, *PERIOD, *names]].rename(columns=names)
    before["period_start"] += pd.DateOffset(years=1)
    frame = compared(cells, "seizures").merge(before, on=[*GROUP, *PERIOD], how="left")
    frame = labelled(frame.merge(twelve, on=[*GROUP, "period_end"], how="left"))
    n, prev, total = frame["n_seizures"], frame["n_prev"], frame["n_sum"]
    had = frame["prev_complete"].eq(True)
    may, few = frame["is_complete"] & had & ~frame["crosses"], (n < 5) | (prev < 5)
    return frame[[*GROUP, "country_label", "substance_group_label", *PERIOD, "period_end", "is_complete", "n_seizures",
                  "comparability", "source"]].assign(
        n_seizures_prev=prev.where(may), rate_ratio=(n / prev).where(may & ~few),
        dispersion=((12 * frame["squares"] - total**2) / (11 * total)).where(total >= 5),
        rate_reason=first_of(
            (~frame["is_complete"], "period_incomplete"), (~had, "no_complete_previous_period"),
            (frame["crosses"], "across_break"), (few, "n_below_5"),
        ),
        dispersion_reason=first_of((total.isna(), "no_twelve_complete_months"), (total < 5, "n_below_5")),
        is_synthetic=frame["is_synthetic"] | frame["prev_synthetic"].eq(True),
    )  # fmt: skip


def substance_share(cells: pd.DataFrame) -> pd.DataFrame:
    """marts.substance_share; Wilson's interval."""
    drugs = seed("substances").groupby("substance_group")["is_drug"].agg(lambda s: (s == "true").all())
    frame = compared(cells[cells["substance_group"].isin(drugs.index[drugs])], "seizures")
    whole = frame.groupby(["country_code", *PERIOD])
    frame = labelled(
        frame.assign(n_all=whole["n_seizures"].transform("sum"), mass_all=whole["mass_g"].transform("sum"))
    )
    x, n, mass, mass_all, top3 = (frame[c] for c in ("n_seizures", "n_all", "mass_g", "mass_all", "top3_g"))
    half = Z * np.sqrt(x * (n - x) / n + Z * Z / 4)
    low, high = (100 * (x + Z * Z / 2 + sign * half) / (n + Z * Z) for sign in (-1, 1))
    none = (mass.isna(), "no_mass_reported")
    mass_reason = pd.Series(first_of(none, (mass_all == 0, "no_mass_in_period")), index=frame.index)
    # Sums of doubles: what is left of a mass after all of it was taken away is dust.
    ex_top3_reason = pd.Series(
        first_of(none, (mass_all - top3 <= 1e-9 * mass_all, "no_mass_in_period")), index=frame.index
    )
    few = pd.Series(first_of((frame["n_mass_lines"] < 20, "n_below_20")), index=frame.index)
    counted = n >= 30
    return frame[[*GROUP, "country_label", "substance_group_label", *PERIOD, "period_end", "is_complete", "n_seizures",
                  "comparability", "is_synthetic", "source"]].assign(
        n_seizures_all=n, share_count_pct=(100 * x / n).where(counted),
        share_count_pct_lo=low.clip(lower=0).where(x > 0, 0.0).where(counted),
        share_count_pct_hi=high.clip(upper=100).where(x < n, 100.0).where(counted),
        mass_kg=mass / 1000, mass_kg_all=mass_all / 1000, share_mass_pct=(100 * mass / mass_all).clip(0, 100).where(mass_reason.isna()),
        share_mass_pct_ex_top3=(100 * (mass - top3) / (mass_all - top3)).clip(0, 100).where(ex_top3_reason.isna()),
        count_reason=first_of((~counted, "n_below_30")), mass_reason=mass_reason,
        mass_interval_reason=mass_reason.where(mass_reason.notna(), few), ex_top3_reason=ex_top3_reason,
    )  # fmt: skip


def purity(lines: pd.DataFrame, coverage: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """marts.purity and marts.purity_by_size."""
    values = lines[lines["is_counted"] & lines["purity"].notna() & lines["purity_measure"].notna()]
    coverage = coverage.drop(columns="is_synthetic")
    cells = by_grain(values[[*CELL, "substance_label", "purity", "seized_on", "is_synthetic"]], "seized_on")
    grouped = cells.groupby([*CELL, "substance_label", *PERIOD])
    figures = grouped["purity"].agg(n="size", mean="mean", median="median", min="min", max="max")
    figures[["p25", "p75"]] = grouped["purity"].quantile([0.25, 0.75]).unstack()
    figures["is_synthetic"] = grouped["is_synthetic"].any()
    frame = labelled(compared(figures.reset_index().merge(coverage, on=["country_code", *PERIOD]), "purity"))
    same = [
        "source", "row_unit", *CELL, "country_label", "substance_label", "substance_group_label", *PERIOD, "period_end",
        "is_complete", "n", "comparability", "is_synthetic",
    ]  # fmt: skip
    shown = {name: frame[name].where(frame["n"] >= 10) for name in ("median", "p25", "p75", "min", "max")}
    frame = frame.assign(row_unit="seizure", **shown, purity_reason=first_of((frame["n"] < 10, "n_below_10")))
    by_period = frame[[*same, "mean", *shown, "purity_reason"]]
    sizes = seed("size_classes")
    values = values[values["mass_g"].notna()].assign(
        period_grain="year", period_start=start("year", values["seized_on"])
    )
    at = np.searchsorted(sizes["from_g"].astype(float), values["mass_g"], side="right") - 1
    values = values.assign(size_class=sizes["size_class"].to_numpy()[at], size_class_order=at + 1)
    grouped = values.groupby([*CELL, "substance_label", *PERIOD, "size_class", "size_class_order"])
    of_size = grouped["purity"].agg(n="size", median="median")
    of_size["is_synthetic"] = grouped["is_synthetic"].any()
    of_size = of_size.reset_index()
    small = of_size.loc[of_size["size_class_order"] == 1, [*CELL, "period_start", "n", "median"]]
    of_size = of_size.merge(small, on=[*CELL, "period_start"], how="left", suffixes=("", "_small"))
    frame = labelled(compared(of_size.merge(coverage, on=["country_code", *PERIOD]), "purity")).assign(
        row_unit="seizure"
    )
    few = frame["n"] < 10
    gap_reason = first_of(
        (frame["purity_measure"] == "mg_per_tablet", "not_per_cent"), (frame["size_class_order"] == 1, "is_small_class"),
        (few, "n_below_10"), (frame["n_small"].fillna(0) < 10, "small_class_below_10"),
    )  # fmt: skip
    gap = (frame["median"] - frame["median_small"]).where(pd.isna(gap_reason))
    return by_period, frame[[*same, "size_class", "size_class_order"]].assign(
        gap_reason=gap_reason, gap_to_small_pp=gap, median=frame["median"].where(~few),
        median_reason=first_of((few, "n_below_10")),
    )  # fmt: skip
