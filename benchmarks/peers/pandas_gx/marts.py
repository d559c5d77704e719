"""The five marts in pandas. Same rules as benchmarks/models; masses are doubles. Not here: files and checks (run.py)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
Z = 1.959963984540054
MONTHS = {
    "jan": "01", "feb": "02", "mar": "03", "apr": "04", "mai": "05", "maj": "05", "jun": "06", "jul": "07", "aug": "08",
    "sep": "09", "okt": "10", "nov": "11", "des": "12", "dec": "12",
}  # fmt: skip
NEEDED = {"year": 12, "half_year": 6, "month": 1}  # months of a period
LEFT_OUT = r"^(?:Totalt|Totalsumma|Sum|Summa|I alt)$|^(?:\*|Kilde:|Källa:)"
CELL = ["country_code", "substance_code", "substance_group", "purity_measure", "purity_basis"]
GROUP = ["country_code", "substance_group"]
PERIOD = ["period_grain", "period_start"]


def seed(name: str) -> pd.DataFrame:
    """A reference table, all text."""
    return pd.read_csv(SEEDS / f"{name}.csv", dtype=str, keep_default_na=False, na_values=[""])


def start(grain: str, day: pd.Series) -> pd.Series:
    """First day of a day's period."""
    month = {"year": 1, "month": day.dt.month, "half_year": day.dt.month.where(day.dt.month > 6, 1).clip(upper=7)}[grain]
    return pd.to_datetime({"year": day.dt.year, "month": month, "day": 1})


def by_grain(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """The frame three times, once for each length of a period."""
    return pd.concat(
        [frame.assign(period_grain=grain, period_start=start(grain, frame[day])) for grain in NEEDED], ignore_index=True
    )


def cell(text: pd.Series) -> pd.Series:
    """Text, null where missing."""
    bare = text.str.strip()
    return bare.where(~bare.isin(["", ":", "-", ".."]))


def norm(text: pd.Series) -> pd.Series:
    """A name as the reference tables hold it."""
    return text.str.replace("\u00a0", " ").str.strip().str.lower()


def number(text: pd.Series) -> pd.Series:
    """A number with a decimal comma."""
    plain = cell(text).str.replace(".", "", regex=False).str.replace(",", ".", regex=False)
    return pd.to_numeric(plain, errors="coerce").astype(float)


def day(text: pd.Series) -> pd.Series:
    """A date in any of the four notations; only what the first left open is tried by the others."""
    bare = text.str.strip()
    found = pd.to_datetime(bare, format="%Y-%m-%d", errors="coerce")
    rest = bare[found.isna()]
    serial = pd.to_numeric(rest.where(rest.str.fullmatch(r"\d{5}")), errors="coerce")
    parts = rest.str.lower().str.extract(r"^(\d+)\.? ([^\W\d]{3})[^\W\d]* (\d{4})$")
    written = parts[2] + "-" + parts[1].map(MONTHS) + "-" + parts[0].str.zfill(2)
    other = (
        pd.to_datetime(rest, format="%d.%m.%Y", errors="coerce")
        .fillna(pd.Timestamp(1899, 12, 30) + pd.to_timedelta(serial, unit="D"))
        .fillna(pd.to_datetime(written, format="%Y-%m-%d", errors="coerce"))
    )
    return found.fillna(other)


def read(path: Path) -> pd.DataFrame:
    """The sound lines of one file, typed."""
    raw = pd.read_csv(path, sep=";", quoting=3, encoding="windows-1252", dtype=str, keep_default_na=False)
    raw = raw[~raw["case_id"].str.strip().str.contains(LEFT_OUT, regex=True)]
    raw = raw[raw["is_synthetic"].notna() & (raw["is_synthetic"] != "")].drop_duplicates()
    lines = pd.DataFrame({
        "country_code": raw["country_code"], "agency": raw["agency"], "status": raw["status"],
        "case_id": raw["case_id"].str.strip(), "joint_case_id": cell(raw["joint_case_id"]),
        "district": cell(raw["district"]), "seized_on": day(raw["seized_on"]),
        "place_class": cell(raw["place_class"]).fillna("other"),
        "transport_mode": cell(raw["transport_mode"]).fillna("unknown"), "substance_raw": norm(raw["substance_raw"]),
        "quantity": number(raw["quantity"]), "unit_raw": norm(raw["unit_raw"]), "purity": number(raw["purity"]),
        "purity_measure": cell(raw["purity_measure"]), "purity_basis": cell(raw["purity_basis"]).fillna("unknown"),
        "is_synthetic": raw["is_synthetic"] == "true", "known_on": pd.Timestamp(path.stem[-10:]),
    })  # fmt: skip
    sound = lines["seized_on"].notna() & lines["quantity"].between(0, 9_999_998)
    return lines[sound & ~(lines["purity"] < 1)]


def mapped_lines(inbox: Path) -> pd.DataFrame:
    """The lines that stand, with codes, masses in grams, and whether they count."""
    lines = pd.concat([read(path) for path in sorted((inbox / "seizures").glob("*.csv"))], ignore_index=True)
    latest = lines.groupby(["country_code", lines["seized_on"].dt.year])["known_on"].transform("max")
    lines = lines[lines["known_on"] == latest]
    police = lines[(lines["agency"] == "police") & (lines["status"] != "annulled")]
    police = police[["country_code", "case_id"]].drop_duplicates()
    police = police.rename(columns={"case_id": "joint_case_id"}).assign(in_police=True)
    names = seed("substance_names").groupby("name", as_index=False)["substance_code"].min()
    units = seed("units")[["unit_raw", "unit", "grams_central"]]
    units["grams"] = units.pop("grams_central").astype(float)
    districts = seed("districts")[["country_code", "district_name", "district"]].assign(agency="police")
    districts = districts.rename(columns={"district": "area"})
    lines["district_name"] = lines["district"].str.lower().str.replace("politidistrikt", "").str.strip()
    substances = seed("substances")[["substance_code", "substance_group", "label_en"]]
    lines = (
        lines.merge(police, on=["country_code", "joint_case_id"], how="left")
        .merge(districts, on=["agency", "country_code", "district_name"], how="left")
        .merge(names.rename(columns={"name": "substance_raw"}), on="substance_raw", how="left")
        .merge(units, on="unit_raw", how="left")
    )
    lines["substance_code"] = lines["substance_code"].fillna("unknown")
    lines["unit"] = lines["unit"].fillna("unknown")
    lines["area"] = lines["area"].fillna(lines["district"])
    lines["mass_g"] = lines["quantity"] * lines["grams"]
    lines["is_counted"] = (lines["status"] != "annulled") & ((lines["agency"] != "customs") | lines["in_police"].isna())
    return lines.merge(substances.rename(columns={"label_en": "substance_label"}), on="substance_code")


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
    months = lines.groupby(["country_code", month], as_index=False).agg({"is_synthetic": "any", "known_on": "max"})
    known = months.groupby("country_code", as_index=False)["known_on"].max()
    coverage = by_grain(months, "month").groupby(["country_code", *PERIOD], as_index=False).agg(
        n_months=("month", "size"), is_synthetic=("is_synthetic", "any")
    )
    needed = coverage["period_grain"].map(NEEDED)
    first = coverage["period_start"].dt.to_period("M")
    coverage["period_end"] = (first + needed).dt.to_timestamp() - pd.Timedelta(days=1)
    coverage = coverage.merge(known, on="country_code")
    coverage["is_complete"] = (coverage["n_months"] == needed) & (coverage["known_on"] > coverage["period_end"])
    coverage = coverage.drop(columns=["n_months", "known_on"])
    counted = lines[lines["is_counted"]].assign(month=month)
    parts = counted.groupby([*GROUP, "month"], as_index=False).agg(
        n_seizures=("mass_g", "size"), n_mass_lines=("mass_g", "count"), mass_g=("mass_g", "sum")
    )
    sums = by_grain(parts, "month").groupby([*GROUP, *PERIOD], as_index=False)[["n_seizures", "n_mass_lines", "mass_g"]].sum()
    sums["mass_g"] = sums["mass_g"].where(sums["n_mass_lines"] > 0)  # null, not 0, where no line has a mass
    ranked = counted.loc[counted["mass_g"].notna(), [*GROUP, "month", "mass_g"]].sort_values("mass_g", ascending=False)
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
    return np.select([when.fillna(False).astype(bool) for when, _ in cases], [word for _, word in cases], None)


def seizure_rate(cells: pd.DataFrame) -> pd.DataFrame:
    """marts.seizure_rate."""
    months = cells[cells["period_grain"] == "month"].sort_values([*GROUP, "period_start"])
    months = months.assign(squares=months["n_seizures"] ** 2, covered=months["is_complete"].astype(int))
    rolling = months.groupby(GROUP)[["n_seizures", "squares", "covered"]].rolling(12).sum().droplevel([0, 1])
    first = months.groupby(GROUP)["period_start"].shift(11)
    whole = (rolling["covered"] == 12) & (first == months["period_start"] - pd.DateOffset(months=11))
    twelve = months[[*GROUP, "period_end"]].assign(n_sum=rolling["n_seizures"], squares=rolling["squares"])[whole]
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
    frame = labelled(frame.assign(n_all=whole["n_seizures"].transform("sum"), mass_all=whole["mass_g"].transform("sum")))
    x, n, mass, mass_all, top3 = (frame[c] for c in ("n_seizures", "n_all", "mass_g", "mass_all", "top3_g"))
    half = Z * np.sqrt(x * (n - x) / n + Z * Z / 4)
    low, high = (100 * (x + Z * Z / 2 + sign * half) / (n + Z * Z) for sign in (-1, 1))
    none = (mass.isna(), "no_mass_reported")
    mass_reason = pd.Series(first_of(none, (mass_all == 0, "no_mass_in_period")), index=frame.index)
    # Sums of doubles: what is left of a mass after all of it was taken away is dust.
    ex_top3_reason = pd.Series(first_of(none, (mass_all - top3 <= 1e-9 * mass_all, "no_mass_in_period")), index=frame.index)
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
    values = values[values["mass_g"].notna()].assign(period_grain="year", period_start=start("year", values["seized_on"]))
    at = np.searchsorted(sizes["from_g"].astype(float), values["mass_g"], side="right") - 1
    values = values.assign(size_class=sizes["size_class"].to_numpy()[at], size_class_order=at + 1)
    grouped = values.groupby([*CELL, "substance_label", *PERIOD, "size_class", "size_class_order"])
    of_size = grouped["purity"].agg(n="size", median="median")
    of_size["is_synthetic"] = grouped["is_synthetic"].any()
    of_size = of_size.reset_index()
    small = of_size.loc[of_size["size_class_order"] == 1, [*CELL, "period_start", "n", "median"]]
    of_size = of_size.merge(small, on=[*CELL, "period_start"], how="left", suffixes=("", "_small"))
    frame = labelled(compared(of_size.merge(coverage, on=["country_code", *PERIOD]), "purity")).assign(row_unit="seizure")
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
