"""Reading the feed in pandas: the lines that stand, typed and mapped. Same rules as benchmarks/models/lines.sql."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

SEEDS = Path(__file__).parents[3] / "dbt_project" / "seeds"
MONTHS = {
    "jan": "01", "feb": "02", "mar": "03", "apr": "04", "mai": "05", "maj": "05", "jun": "06", "jul": "07", "aug": "08",
    "sep": "09", "okt": "10", "nov": "11", "des": "12", "dec": "12",
}  # fmt: skip
NEEDED = {"year": 12, "half_year": 6, "month": 1}  # months of a period
LEFT_OUT = r"^(?:Totalt|Totalsumma|Sum|Summa|I alt)$|^(?:\*|Kilde:|Källa:)"


def seed(name: str) -> pd.DataFrame:
    """A reference table, all text."""
    return pd.read_csv(SEEDS / f"{name}.csv", dtype=str, keep_default_na=False, na_values=[""])


def start(grain: str, day: pd.Series) -> pd.Series:
    """First day of a day's period."""
    month = {
        "year": 1,
        "month": day.dt.month,
        "half_year": day.dt.month.where(day.dt.month > 6, 1).clip(upper=7),
    }[grain]
    return pd.to_datetime({"year": day.dt.year, "month": month, "day": 1})


def by_grain(frame: pd.DataFrame, day: str) -> pd.DataFrame:
    """The frame three times, once for each length of a period."""
    return pd.concat(
        [frame.assign(period_grain=grain, period_start=start(grain, frame[day])) for grain in NEEDED],
        ignore_index=True,
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
    lines["is_counted"] = (lines["status"] != "annulled") & (
        (lines["agency"] != "customs") | lines["in_police"].isna()
    )
    return lines.merge(substances.rename(columns={"label_en": "substance_label"}), on="substance_code")
