"""A peer: polars scripts. Reads the feed, makes the five marts, asserts the promises, writes a DuckDB file.

Run with the python of its own environment: `run.py INBOX OUT.duckdb`. Same rules as benchmarks/models; masses are doubles.
"""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import polars as pl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from checks import PROMISES  # noqa: E402 - this folder is no package of the project

SEEDS = HERE.parents[2] / "dbt_project" / "seeds"
Z = 1.959963984540054
MONTHS = {
    "jan": "01", "feb": "02", "mar": "03", "apr": "04", "mai": "05", "maj": "05", "jun": "06", "jul": "07", "aug": "08",
    "sep": "09", "okt": "10", "nov": "11", "des": "12", "dec": "12",
}  # fmt: skip
LEFT_OUT = r"^(Totalt|Totalsumma|Sum|Summa|I alt)$|^(\*|Kilde:|Källa:)"
CELL = ["country_code", "substance_code", "substance_group", "purity_measure", "purity_basis"]
GROUP = ["country_code", "substance_group"]
PERIOD = ["period_grain", "period_start"]


def seed(name: str) -> pl.DataFrame:
    """A reference table, all text."""
    return pl.read_csv(SEEDS / f"{name}.csv", infer_schema=False)


def start(grain: str, day: pl.Expr) -> pl.Expr:
    """First day of a day's period."""
    return day.dt.truncate({"year": "1y", "month": "1mo", "half_year": "6mo"}[grain])


def by_grain(frame: pl.DataFrame, day: str) -> pl.DataFrame:
    """The frame three times, once for each length of a period."""
    return pl.concat(
        frame.with_columns(period_grain=pl.lit(grain), period_start=start(grain, pl.col(day)))
        for grain in ("year", "half_year", "month")
    )


def cell(name: str) -> pl.Expr:
    """Text, null where missing."""
    text = pl.col(name).str.strip_chars()
    return pl.when(~text.is_in(["", ":", "-", ".."])).then(text)


def norm(name: str) -> pl.Expr:
    """A name as the reference tables hold it."""
    return pl.col(name).str.replace_all("\u00a0", " ").str.strip_chars().str.to_lowercase()


def number(name: str) -> pl.Expr:
    """A number with a decimal comma."""
    return cell(name).str.replace_all(".", "", literal=True).str.replace(",", ".").cast(pl.Float64, strict=False)


def day(name: str) -> pl.Expr:
    """A date in any of the four notations."""
    text = pl.col(name).str.strip_chars()
    parts = text.str.to_lowercase().str.extract_groups(r"^(\d+)\.? ([[:alpha:]]{3})[[:alpha:]]* (\d{4})$")
    written = pl.concat_str(
        parts.struct[2], parts.struct[1].replace_strict(MONTHS, default=None), parts.struct[0].str.zfill(2), separator="-"
    )
    serial = pl.when(text.str.contains(r"^\d{5}$")).then(text).cast(pl.Int32)
    return pl.coalesce(
        text.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d.%m.%Y", strict=False),
        pl.date(1899, 12, 30) + pl.duration(days=serial), written.str.to_date("%Y-%m-%d", strict=False),
    )  # fmt: skip


def read(path: Path) -> pl.DataFrame:
    """The sound lines of one file, typed."""
    raw = pl.read_csv(
        path, separator=";", quote_char=None, encoding="windows-1252", infer_schema=False, truncate_ragged_lines=True
    )
    kept = raw.filter(~pl.col("case_id").str.strip_chars().str.contains(LEFT_OUT), pl.col("is_synthetic").is_not_null())
    return (
        kept.unique()
        .select(
            "country_code", "agency", "status", pl.col("case_id").str.strip_chars(), cell("joint_case_id"),
            cell("district"), day("seized_on"), cell("place_class").fill_null("other"),
            cell("transport_mode").fill_null("unknown"), norm("substance_raw"), number("quantity"), norm("unit_raw"),
            number("purity"), cell("purity_measure"), cell("purity_basis").fill_null("unknown"),
            is_synthetic=pl.col("is_synthetic") == "true",
            known_on=pl.lit(path.stem[-10:]).str.to_date(),
        )
        .filter(
            pl.col("seized_on").is_not_null(), pl.col("quantity").is_between(0, 9_999_998),
            (pl.col("purity") >= 1).fill_null(True),
        )
    )  # fmt: skip


def mapped_lines(inbox: Path) -> pl.DataFrame:
    """The lines that stand, with codes, masses in grams, and whether they count."""
    lines = pl.concat(read(path) for path in sorted((inbox / "seizures").glob("*.csv")))
    lines = lines.filter(pl.col("known_on") == pl.col("known_on").max().over("country_code", pl.col("seized_on").dt.year()))
    police = lines.filter(pl.col("agency") == "police", pl.col("status") != "annulled")
    police = police.select("country_code", joint_case_id="case_id", in_police=True).unique()
    names = seed("substance_names").group_by("name").agg(pl.col("substance_code").min())
    units = seed("units").select("unit_raw", "unit", grams=pl.col("grams_central").cast(pl.Float64))
    districts = seed("districts").select("country_code", district_name="district_name", area="district", agency=pl.lit("police"))
    lines = lines.with_columns(
        district_name=pl.col("district").str.to_lowercase().str.replace("politidistrikt", "").str.strip_chars()
    )
    return (
        lines.join(police, on=["country_code", "joint_case_id"], how="left")
        .join(districts, on=["agency", "country_code", "district_name"], how="left")
        .join(names, left_on="substance_raw", right_on="name", how="left")
        .join(units, on="unit_raw", how="left")
        .with_columns(
            pl.col("substance_code").fill_null("unknown"), pl.col("unit").fill_null("unknown"),
            pl.col("area").fill_null(pl.col("district")), mass_g=pl.col("quantity") * pl.col("grams"),
            is_counted=(pl.col("status") != "annulled") & ((pl.col("agency") != "customs") | pl.col("in_police").is_null()),
        )
        .join(seed("substances").select("substance_code", "substance_group", substance_label="label_en"), on="substance_code")
    )  # fmt: skip


def labelled(frame: pl.DataFrame) -> pl.DataFrame:
    """With the labels of countries and groups."""
    countries = seed("countries").select("country_code", "country_label")
    return frame.join(countries, on="country_code").join(seed("substance_groups"), on="substance_group")


def seizures(lines: pl.DataFrame) -> pl.DataFrame:
    """marts.seizures."""
    order = (
        "seized_on country_code area agency place_class transport_mode substance_code quantity unit purity purity_measure "
        "purity_basis status is_synthetic"
    ).split()
    numbered = labelled(lines.filter("is_counted")).sort(order, nulls_last=True).with_row_index("key", offset=1)
    return numbered.select(
        *order, "substance_label", "substance_group", "substance_group_label", "country_label", "mass_g",
        seizure_key=pl.concat_str(pl.lit("seizures-"), "key"), source=pl.lit("seizures"), row_unit=pl.lit("seizure"),
        date_grain=pl.lit("day"), n_seizures=pl.lit(1),
    )  # fmt: skip


def periods(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What each country covers, and counts and masses of each group in each of those periods."""
    months = lines.group_by("country_code", month=start("month", pl.col("seized_on"))).agg(
        pl.col("is_synthetic").any(), pl.col("known_on").max()
    )
    needed = pl.col("period_grain").replace_strict({"year": 12, "half_year": 6, "month": 1})
    known = months.group_by("country_code").agg(pl.col("known_on").max())
    ends = pl.col("period_start").dt.offset_by(pl.format("{}mo", needed)).dt.offset_by("-1d")
    covered = by_grain(months.drop("known_on"), "month").group_by("country_code", *PERIOD)
    coverage = (
        covered.agg(pl.len(), pl.col("is_synthetic").any())
        .join(known, on="country_code")
        .with_columns(period_end=ends)
        .with_columns(is_complete=(pl.col("len") == needed) & (pl.col("known_on") > pl.col("period_end")))
        .drop("len", "known_on")
    )
    counted = lines.filter("is_counted")
    parts = counted.group_by(*GROUP, month=start("month", pl.col("seized_on"))).agg(
        n_seizures=pl.len(), n_mass_lines=pl.col("mass_g").count(), mass_g=pl.col("mass_g").sum(),
        top=pl.col("mass_g").drop_nulls().top_k(3),
    )  # fmt: skip
    sums = by_grain(parts, "month").group_by(*GROUP, *PERIOD).agg(
        pl.col("n_seizures", "n_mass_lines").sum().cast(pl.Int64), pl.col("mass_g").sum(),
        top3_g=pl.col("top").explode().drop_nulls().top_k(3).sum(),
    )  # fmt: skip
    # A mass is null, not 0, where none of the lines has one.
    sums = sums.with_columns(mass_g=pl.when(pl.col("n_mass_lines") > 0).then("mass_g"))
    cells = coverage.join(counted.select(GROUP).unique(), on="country_code").join(sums, on=[*GROUP, *PERIOD], how="left")
    return coverage, cells.with_columns(
        mass_g=pl.when(pl.col("n_seizures").is_null()).then(0.0).otherwise("mass_g"),
        n_seizures=pl.col("n_seizures").fill_null(0), n_mass_lines=pl.col("n_mass_lines").fill_null(0),
        top3_g=pl.col("top3_g").fill_null(0),
    )  # fmt: skip


def compared(frame: pl.DataFrame, topic: str) -> pl.DataFrame:
    """With `comparability`, and whether a break lies between the period and a year earlier."""
    breaks = seed("breaks").join(seed("break_topics").filter(pl.col("topic") == topic), on="break_id")
    key = [*GROUP, *PERIOD]
    of = breaks.select(pl.col("country_code").alias("c"), pl.col("substance_group").alias("g"), pl.col("breaks_on").str.to_date())
    crossed = (
        frame.select(*key, "period_end").unique().join(of, how="cross").filter(
            pl.col("c").is_null() | (pl.col("c") == pl.col("country_code")),
            pl.col("g").is_null() | (pl.col("g") == pl.col("substance_group")),
            pl.col("breaks_on") > pl.col("period_start").dt.offset_by("-1y"), pl.col("breaks_on") <= pl.col("period_end"),
        ).select(*key, crosses=True).unique()
    )  # fmt: skip
    return frame.join(crossed, on=key, how="left").with_columns(
        pl.col("crosses").fill_null(False),
        comparability=pl.when("crosses").then(pl.lit("break")).when("is_complete").then(pl.lit("ok")).otherwise(pl.lit("provisional")),
    )  # fmt: skip


def seizure_rate(cells: pl.DataFrame) -> pl.DataFrame:
    """marts.seizure_rate."""
    n = pl.col("n_seizures")
    months = cells.filter(pl.col("period_grain") == "month").sort("period_start")
    twelve = months.select(
        *GROUP, "period_end", n_sum=n.rolling_sum(12).over(GROUP), squares=(n * n).rolling_sum(12).over(GROUP),
        covered=pl.col("is_complete").cast(pl.Int8).rolling_min(12).over(GROUP) == 1,
        whole=pl.col("period_start").shift(11).over(GROUP) == pl.col("period_start").dt.offset_by("-11mo"),
    ).filter("covered", "whole").drop("covered", "whole")  # fmt: skip
    before = cells.select(
        *GROUP, "period_grain", period_start=pl.col("period_start").dt.offset_by("1y"), n_prev=n,
        prev_complete="is_complete", prev_synthetic="is_synthetic",
    )  # fmt: skip
    frame = compared(cells, "seizures").join(before, on=[*GROUP, *PERIOD], how="left").join(twelve, on=[*GROUP, "period_end"], how="left")
    may = pl.col("is_complete") & pl.col("prev_complete").fill_null(False) & ~pl.col("crosses")
    enough = (n >= 5) & (pl.col("n_prev") >= 5)
    dispersion = (12 * pl.col("squares") - pl.col("n_sum") ** 2) / (11 * pl.col("n_sum"))
    return labelled(frame).select(
        pl.lit("seizures").alias("source"), *GROUP, "country_label", "substance_group_label", *PERIOD, "period_end",
        "is_complete", "n_seizures", "comparability",
        n_seizures_prev=pl.when(may).then("n_prev"), rate_ratio=pl.when(may & enough).then(n / pl.col("n_prev")),
        dispersion=pl.when(pl.col("n_sum") >= 5).then(dispersion),
        rate_reason=pl.when(~pl.col("is_complete")).then(pl.lit("period_incomplete"))
        .when(~pl.col("prev_complete").fill_null(False)).then(pl.lit("no_complete_previous_period"))
        .when("crosses").then(pl.lit("across_break")).when(~enough).then(pl.lit("n_below_5")),
        dispersion_reason=pl.when(pl.col("n_sum").is_null()).then(pl.lit("no_twelve_complete_months"))
        .when(pl.col("n_sum") < 5).then(pl.lit("n_below_5")),
        is_synthetic=pl.col("is_synthetic") | pl.col("prev_synthetic").fill_null(False),
    )  # fmt: skip


def substance_share(cells: pl.DataFrame) -> pl.DataFrame:
    """marts.substance_share; Wilson's interval."""
    drugs = seed("substances").group_by("substance_group").agg((pl.col("is_drug") == "true").all()).filter("is_drug")
    whole = ["country_code", *PERIOD]
    frame = compared(cells.join(drugs, on="substance_group", how="semi"), "seizures").with_columns(
        n_all=pl.col("n_seizures").sum().over(whole), mass_all=pl.col("mass_g").sum().over(whole)
    )
    x, n, mass, mass_all, top3 = (pl.col(c) for c in ("n_seizures", "n_all", "mass_g", "mass_all", "top3_g"))
    half = Z * (x * (n - x) / n + Z * Z / 4).sqrt()
    low, high = (100 * (x + Z * Z / 2 + sign * half) / (n + Z * Z) for sign in (-1, 1))
    none = pl.when(mass.is_null()).then(pl.lit("no_mass_reported"))
    frame = frame.with_columns(
        count_reason=pl.when(n < 30).then(pl.lit("n_below_30")),
        mass_reason=none.when(mass_all == 0).then(pl.lit("no_mass_in_period")),
        # Sums of doubles: what is left of a mass after all of it was taken away is dust.
        ex_top3_reason=none.when(mass_all - top3 <= 1e-9 * mass_all).then(pl.lit("no_mass_in_period")),
    )
    few = pl.when(pl.col("n_mass_lines") < 20).then(pl.lit("n_below_20"))
    counted = pl.when(pl.col("count_reason").is_null())
    return labelled(frame).select(
        pl.lit("seizures").alias("source"), *GROUP, "country_label", "substance_group_label", *PERIOD, "period_end",
        "is_complete", "n_seizures", "count_reason", "mass_reason", "ex_top3_reason", "comparability", "is_synthetic",
        n_seizures_all=n, share_count_pct=counted.then(100 * x / n),
        share_count_pct_lo=counted.then(pl.when(x == 0).then(0.0).otherwise(pl.max_horizontal(low, 0.0))),
        share_count_pct_hi=counted.then(pl.when(x == n).then(100.0).otherwise(pl.min_horizontal(high, 100.0))),
        mass_kg=mass / 1000, mass_kg_all=mass_all / 1000,
        share_mass_pct=pl.when(pl.col("mass_reason").is_null()).then((100 * mass / mass_all).clip(0, 100)),
        share_mass_pct_ex_top3=pl.when(pl.col("ex_top3_reason").is_null()).then((100 * (mass - top3) / (mass_all - top3)).clip(0, 100)),
        mass_interval_reason=pl.coalesce("mass_reason", few),
    )  # fmt: skip


def purity(lines: pl.DataFrame, coverage: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """marts.purity and marts.purity_by_size."""
    values = lines.filter("is_counted", pl.col("purity").is_not_null(), pl.col("purity_measure").is_not_null())
    p, enough = pl.col("purity"), pl.when(pl.col("n") >= 10)
    cells = by_grain(values.select(*CELL, "substance_label", "purity", "seized_on", "is_synthetic"), "seized_on")
    figures = cells.group_by(*CELL, "substance_label", *PERIOD).agg(
        n=pl.len(), mean=p.mean(), median=p.median(), p25=p.quantile(0.25, "linear"), p75=p.quantile(0.75, "linear"),
        min=p.min(), max=p.max(), is_synthetic=pl.col("is_synthetic").any(),
    )  # fmt: skip
    frame = compared(figures.join(coverage.drop("is_synthetic"), on=["country_code", *PERIOD]), "purity")
    same = (
        pl.lit("seizures").alias("source"), pl.lit("seizure").alias("row_unit"), *CELL, "country_label", "substance_label",
        "substance_group_label", *PERIOD, "period_end", "is_complete", "n", "comparability", "is_synthetic",
    )  # fmt: skip
    few = enough.then(None).otherwise(pl.lit("n_below_10"))
    by_period = labelled(frame).select(
        *same, "mean", *(enough.then(c).alias(c) for c in ("median", "p25", "p75", "min", "max")), purity_reason=few
    )
    sizes = seed("size_classes").with_columns(pl.col("from_g", "to_g").cast(pl.Float64), pl.col("size_class_order").cast(pl.Int32))
    classed = values.filter(pl.col("mass_g").is_not_null()).sort("mass_g").join_asof(sizes.sort("from_g"), left_on="mass_g", right_on="from_g")
    key = [*CELL, "substance_label", "size_class", "size_class_order"]
    of_size = classed.group_by(*key, period_start=start("year", pl.col("seized_on"))).agg(
        n=pl.len(), median=p.median(), is_synthetic=pl.col("is_synthetic").any()
    )
    small = of_size.filter(pl.col("size_class_order") == 1).select(*CELL, "period_start", n_small="n", median_small="median")
    frame = of_size.with_columns(period_grain=pl.lit("year")).join(small, on=[*CELL, "period_start"], how="left")
    frame = compared(frame.join(coverage.drop("is_synthetic"), on=["country_code", *PERIOD]), "purity").with_columns(
        gap_reason=pl.when(pl.col("purity_measure") == "mg_per_tablet").then(pl.lit("not_per_cent"))
        .when(pl.col("size_class_order") == 1).then(pl.lit("is_small_class")).when(pl.col("n") < 10).then(pl.lit("n_below_10"))
        .when(pl.col("n_small").fill_null(0) < 10).then(pl.lit("small_class_below_10"))
    )  # fmt: skip
    gap = pl.when(pl.col("gap_reason").is_null()).then(pl.col("median") - pl.col("median_small"))
    return by_period, labelled(frame).select(
        *same, "size_class", "size_class_order", "gap_reason", enough.then("median").alias("median"),
        gap_to_small_pp=gap, median_reason=few,
    )  # fmt: skip


def broken(marts: dict[str, pl.DataFrame]) -> list[str]:
    """The promises that do not hold."""
    found = []
    for mart, promise in PROMISES.items():
        frame = marts[mart]
        tests = {f"{c} is null": pl.col(c).is_null() for c in promise.not_null}
        tests |= {f"{c} is another word": ~pl.col(c).is_in(words) for c, words in promise.in_set.items()}
        tests |= {f"{c} is too low": pl.col(c) < low for c, (low, _) in promise.between.items()}
        tests |= {f"{c} is too high": pl.col(c) > high for c, (_, high) in promise.between.items() if high is not None}
        tests["it repeats a row"] = pl.struct(promise.unique).is_duplicated()
        failed = frame.select(test.any().alias(name) for name, test in tests.items()).row(0, named=True)
        found += [f"{mart}: {name}" for name, fails in failed.items() if fails]
    return found


def main() -> None:
    """Run."""
    inbox, out = Path(sys.argv[1]), Path(sys.argv[2])
    lines = mapped_lines(inbox)
    coverage, cells = periods(lines)
    by_period, by_size = purity(lines, coverage)
    marts = {
        "seizures": seizures(lines), "seizure_rate": seizure_rate(cells), "substance_share": substance_share(cells),
        "purity": by_period, "purity_by_size": by_size,
    }  # fmt: skip
    if found := broken(marts):
        sys.exit("; ".join(found))
    out.unlink(missing_ok=True)
    with duckdb.connect(str(out)) as con:
        for mart, frame in marts.items():
            con.register("frame", frame.to_arrow())
            con.execute(f"create table {mart} as from frame")


if __name__ == "__main__":
    main()
