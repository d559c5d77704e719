"""The page's sections: which question, which query, how it is drawn and what is said about it. Declarations only."""

from __future__ import annotations

from dataclasses import dataclass

from orchestration.site import words


@dataclass(frozen=True)
class Section:
    """One section; `name` is that of its query in queries/."""

    name: str
    heading: str
    question: str
    mart: str
    unit: str
    chart: str  # over_time, by_category, split or table
    says: words.Finding
    interval: str = "none: the figures are not a sample"
    log: bool = False
    breaks: bool = False  # whether the calendar of breaks bears on it
    columns: tuple[str, ...] = ()  # of a table, named as its query names them


SECTIONS = (
    Section(
        "share_count", "Share by number", "What share of all seizures is the drug?", "substance_share",
        "per cent of seizures", "over_time", words.share_of_seizures, interval="95 %, Wilson", breaks=True,
    ),
    Section(
        "share_mass", "Share by mass", "What share of all mass, and without the three largest seizures?", "substance_share",
        "per cent of mass", "over_time", words.share_of_mass, interval="95 %, seeded bootstrap where single seizures are known",
        breaks=True,
    ),
    Section(
        "largest", "The three largest", "How much of the mass hangs on three seizures?", "seizure_concentration",
        "kg", "over_time", words.three_largest, breaks=True,
    ),
    Section(
        "purity", "Purity over time", "How pure is it, and since when?", "purity",
        "as each chart says", "over_time", words.purity_over_time, interval="95 % of the median",
    ),
    Section(
        "purity_by_size", "Purity by size", "Are large seizures purer than small ones?", "purity_by_size",
        "per cent, and per cent points", "by_category", words.purity_over_sizes, interval="95 % of the gap, where it can be had",
    ),
    Section(
        "price_chain", "The price ladder", "What does a kilogram cost on its way from producer to user?", "price_chain",
        "kroner per kilogram, logarithmic", "by_category", words.price_ladder, log=True,
        interval="none: bars are the lowest and highest price published",
    ),
    Section(
        "prices", "Norway against Sweden", "Which is dearer: as paid, in money of one year, and per pure gram?", "price_level",
        "as each chart says", "over_time", words.norway_against_sweden, interval="none: quotes are no sample",
    ),
    Section(
        "postal", "Drugs in the mail", "How much of the mail that was examined held drugs?", "postal_interceptions",
        "per cent of items examined", "over_time", words.mail_with_drugs, interval="95 %, Clopper–Pearson", breaks=True,
    ),
    Section(
        "darknet", "Turnover, taken apart", "Did turnover change through sellers, volume or price?", "darknet_turnover",
        "change against the year before, hundredths of logarithms", "split", words.turnover_split,
        interval="none: volume is the remainder and takes all error",
    ),
    Section(
        "wastewater", "Wastewater by city", "How much of it do cities use?", "wastewater",
        "mg per 1000 people and day", "by_category", words.loads_by_city, interval="none: bars run from weekdays to weekend",
    ),
    Section(
        "triangulation", "Evidence side by side", "Do seizures, price, purity, wastewater and surveys agree?", "triangulation",
        "direction against the year before", "table", words.evidence_together,
        columns=("Year", *words.EVIDENCE, "Reading", "Comparability"),
    ),
    Section(
        "early_warning", "Early warnings", "What is new, or seized more often than before explains?", "early_warning",
        "seizures a year", "table", words.warnings, interval="upper bound, exceeded by chance in 1 of 200",
        columns=("Year", "Substance", "Warning", "Seizures", "Mean before", "Upper bound", "Comparability"),
    ),
)  # fmt: skip
