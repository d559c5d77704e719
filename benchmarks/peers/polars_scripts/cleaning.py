"""Reading the feed in polars: the lines that stand, typed and mapped. Same rules as benchmarks/models/lines.sql."""

from __future__ import annotations

from pathlib import Path

import polars as pl

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
MONTHS = {
    "jan": "01", "feb": "02", "mar": "03", "apr": "04", "mai": "05", "maj": "05", "jun": "06", "jul": "07", "aug": "08",
    "sep": "09", "okt": "10", "nov": "11", "des": "12", "dec": "12",
}  # fmt: skip
LEFT_OUT = r"^(Totalt|Totalsumma|Sum|Summa|I alt)$|^(\*|Kilde:|Källa:)"


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
    return (
        cell(name).str.replace_all(".", "", literal=True).str.replace(",", ".").cast(pl.Float64, strict=False)
    )


def day(name: str) -> pl.Expr:
    """A date in any of the four notations."""
    text = pl.col(name).str.strip_chars()
    parts = text.str.to_lowercase().str.extract_groups(r"^(\d+)\.? ([[:alpha:]]{3})[[:alpha:]]* (\d{4})$")
    written = pl.concat_str(
        parts.struct[2],
        parts.struct[1].replace_strict(MONTHS, default=None),
        parts.struct[0].str.zfill(2),
        separator="-",
    )
    serial = pl.when(text.str.contains(r"^\d{5}$")).then(text).cast(pl.Int32)
    return pl.coalesce(
        text.str.to_date("%Y-%m-%d", strict=False), text.str.to_date("%d.%m.%Y", strict=False),
        pl.date(1899, 12, 30) + pl.duration(days=serial), written.str.to_date("%Y-%m-%d", strict=False),
    )  # fmt: skip


def read(path: Path) -> pl.DataFrame:
    """The sound lines of one file, typed."""
    raw = pl.read_csv(
        path,
        separator=";",
        quote_char=None,
        encoding="windows-1252",
        infer_schema=False,
        truncate_ragged_lines=True,
    )
    kept = raw.filter(
        ~pl.col("case_id").str.strip_chars().str.contains(LEFT_OUT), pl.col("is_synthetic").is_not_null()
    )
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
    lines = lines.filter(
        pl.col("known_on") == pl.col("known_on").max().over("country_code", pl.col("seized_on").dt.year())
    )
    police = lines.filter(pl.col("agency") == "police", pl.col("status") != "annulled")
    police = police.select("country_code", joint_case_id="case_id", in_police=True).unique()
    names = seed("substance_names").group_by("name").agg(pl.col("substance_code").min())
    units = seed("units").select("unit_raw", "unit", grams=pl.col("grams_central").cast(pl.Float64))
    districts = seed("districts").select(
        "country_code", district_name="district_name", area="district", agency=pl.lit("police")
    )
    lines = lines.with_columns(
        district_name=pl.col("district")
        .str.to_lowercase()
        .str.replace("politidistrikt", "")
        .str.strip_chars()
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
