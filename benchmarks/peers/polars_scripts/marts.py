"""The five marts in polars, from the lines that stand. Same rules as benchmarks/models; masses are doubles."""

from __future__ import annotations

import polars as pl
from cleaning import by_grain, seed, start

Z = 1.959963984540054
CELL = ["country_code", "substance_code", "substance_group", "purity_measure", "purity_basis"]
GROUP = ["country_code", "substance_group"]
PERIOD = ["period_grain", "period_start"]


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
    numbered = (
        labelled(lines.filter("is_counted")).sort(order, nulls_last=True).with_row_index("key", offset=1)
    )
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
    cells = coverage.join(counted.select(GROUP).unique(), on="country_code").join(
        sums, on=[*GROUP, *PERIOD], how="left"
    )
    return coverage, cells.with_columns(
        mass_g=pl.when(pl.col("n_seizures").is_null()).then(0.0).otherwise("mass_g"),
        n_seizures=pl.col("n_seizures").fill_null(0), n_mass_lines=pl.col("n_mass_lines").fill_null(0),
        top3_g=pl.col("top3_g").fill_null(0),
    )  # fmt: skip


def compared(frame: pl.DataFrame, topic: str) -> pl.DataFrame:
    """With `comparability`, and whether a break lies between the period and a year earlier."""
    breaks = seed("breaks").join(seed("break_topics").filter(pl.col("topic") == topic), on="break_id")
    key = [*GROUP, *PERIOD]
    of = breaks.select(
        pl.col("country_code").alias("c"),
        pl.col("substance_group").alias("g"),
        pl.col("breaks_on").str.to_date(),
    )
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
    frame = (
        compared(cells, "seizures")
        .join(before, on=[*GROUP, *PERIOD], how="left")
        .join(twelve, on=[*GROUP, "period_end"], how="left")
    )
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
    drugs = (
        seed("substances")
        .group_by("substance_group")
        .agg((pl.col("is_drug") == "true").all())
        .filter("is_drug")
    )
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
    values = lines.filter(
        "is_counted", pl.col("purity").is_not_null(), pl.col("purity_measure").is_not_null()
    )
    p, enough = pl.col("purity"), pl.when(pl.col("n") >= 10)
    cells = by_grain(
        values.select(*CELL, "substance_label", "purity", "seized_on", "is_synthetic"), "seized_on"
    )
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
        *same,
        "mean",
        *(enough.then(c).alias(c) for c in ("median", "p25", "p75", "min", "max")),
        purity_reason=few,
    )
    sizes = seed("size_classes").with_columns(
        pl.col("from_g", "to_g").cast(pl.Float64), pl.col("size_class_order").cast(pl.Int32)
    )
    classed = (
        values.filter(pl.col("mass_g").is_not_null())
        .sort("mass_g")
        .join_asof(sizes.sort("from_g"), left_on="mass_g", right_on="from_g")
    )
    key = [*CELL, "substance_label", "size_class", "size_class_order"]
    of_size = classed.group_by(*key, period_start=start("year", pl.col("seized_on"))).agg(
        n=pl.len(), median=p.median(), is_synthetic=pl.col("is_synthetic").any()
    )
    small = of_size.filter(pl.col("size_class_order") == 1).select(
        *CELL, "period_start", n_small="n", median_small="median"
    )
    frame = of_size.with_columns(period_grain=pl.lit("year")).join(
        small, on=[*CELL, "period_start"], how="left"
    )
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
