"""Promises of the mart of seizure lines: all that was delivered is there, and no line that may not be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from great_expectations.expectations.expectation import Expectation

from expectations.mart import NEVER, Mart, forbidden, one_of
from expectations.suite import Note, literals, no_rows_from

LINES = "intermediate.int_seizures__mapped"
EXCLUSIONS = ("annulled", "joint_case_copy", "purchase", "repeated_line", "subtotal")
MEASURES, BASES = ("pct_mass", "pct_thc", "mg_per_tablet"), ("base", "salt", "unknown")
# Lines as delivered, but for corrections, with what each source calls its quantity and unit.
RAW_LINES = """
    select 'seizures' as source, quantity, unit_raw from current.seizures where _valid_to is null
    union all select 'colombia_ponal', quantity, unit_raw from current.colombia_ponal where _valid_to is null
    union all select 'dea_stride', net_weight_g, 'g' from current.dea_stride where _valid_to is null
    union all select 'unodc_seizures', kilograms, 'kg' from current.unodc_seizures where _valid_to is null
    union all select 'cbp_seizures', quantity_lb, 'lb' from current.cbp_seizures where _valid_to is null
    union all select 'emcdda_seizure_counts', null, null
        from (unpivot (from current.emcdda_seizure_counts) on columns('^y[0-9]{4}$'))"""
# What the same lines state in numbers: every line of a register is one seizure.
RAW_COUNTS = """
    select 'seizures' as source, count(*) as n from current.seizures
    union all select 'cbp_seizures', sum(events) from current.cbp_seizures
    union all select 'emcdda_seizure_counts', sum(stated) from (
        unpivot (from current.emcdda_seizure_counts) on columns('^y[0-9]{4}$') into name year value stated)"""

SEIZURES = Mart(
    "seizures",
    grain=("source", "seizure_key"),
    promised=(
        *("row_unit", "seized_on", "country_code", "area", "agency", "place_class", "transport_mode"),
        *("substance_code", "substance_group", "quantity", "unit", "mass_g"),
        *("purity", "purity_measure", "purity_basis"),
    ),
    lines="int_seizures__mapped",
    line_keys=("seizure_key",),
    line_date=None,
    filled_from=f"{LINES} where is_published",
    texts=("area",),
)


def seizures(restricted: Sequence[str]) -> Iterator[Expectation]:
    """Lines: all of them, no restricted one, each with listed codes."""
    mart = SEIZURES
    yield from _nothing_lost_from_raw()
    yield no_rows_from(
        f"select delivery_id, source_line, exclusion from {LINES} where (exclusion is null) <> is_in_seizure_marts "
        f"or exclusion not in ({literals(EXCLUSIONS)})",
        Note("exclusions_named", show="exclusion"),
    )
    yield no_rows_from(
        f"with l as (select source, count(*) as n, sum(mass_g) as g from {LINES} where is_published group by source), "
        f"m as (select source, count(*) as n, sum(mass_g) as g from {mart.table} group by source) "
        "select source from l full outer join m using (source) "
        "where l.n is distinct from m.n or l.g is distinct from m.g",
        Note("published_lines_all_there", show="source"),
    )
    yield no_rows_from(
        f"select m.source, m.seizure_key, l.delivery_id, l.source_line from {mart.table} as m "
        f"inner join {LINES} as l using (seizure_key) where m.is_synthetic <> l.is_synthetic",
        Note("synthetic_lines_marked", "is_synthetic", show="source, seizure_key"),
    )
    real = f"not is_synthetic and source in ({literals(restricted)})"
    yield mart.never("no_real_line_of_a_restricted_source", real, "is_synthetic")
    yield mart.never(
        "seizure_key_is_a_number",
        "not coalesce(starts_with(seizure_key, source || '-') "
        "and try_cast(substr(seizure_key, length(source) + 2) as bigint) > 0, false)",
        "seizure_key",
    )
    yield one_of(mart, "row_unit", ("seizure", "exhibit", "aggregate"))
    yield one_of(mart, "status", ("preliminary", "confirmed"))
    yield one_of(mart, "purity_measure", MEASURES)
    yield one_of(mart, "purity_basis", BASES)
    yield mart.between("quantity", 0, None)
    yield mart.between("mass_g", 0, None)
    yield mart.never(
        "purity_per_cent", "purity_measure <> 'mg_per_tablet' and purity not between 0 and 100", "purity"
    )
    yield no_rows_from(
        "select table_name, column_name from duckdb_columns() where schema_name = 'reference' "
        f"and {forbidden(NEVER)}",
        Note("no_forbidden_column_in_reference", show="table_name"),
    )


def _nothing_lost_from_raw() -> Iterator[Expectation]:
    """Raw and mapped lines agree per source, by number and, with the units' grams, by mass."""
    both = f"""
        with delivered as (
            select r.source, count(*) as n,
                sum(case when cast(u.grams_central as decimal(13, 6)) = 1 then cast(r.quantity as decimal(38, 6))
                    else cast(cast(r.quantity as decimal(25, 6)) * cast(u.grams_central as decimal(13, 6)) as decimal(38, 6))
                end) as g
            from ({RAW_LINES}) as r
            left join reference.units as u on lower(trim(replace(r.unit_raw, chr(160), ' '))) = u.unit_raw
            group by r.source
        ), mapped as (
            select source, count(*) as n, sum(stated_mass_g) as g from {LINES} group by source
        )
        select source from delivered full outer join mapped using (source)"""
    yield no_rows_from(
        f"{both} where delivered.n is distinct from mapped.n", Note("no_line_lost_from_raw", show="source")
    )
    yield no_rows_from(
        f"{both} where delivered.g is distinct from mapped.g", Note("no_mass_lost_from_raw", show="source")
    )
    yield no_rows_from(
        f"with delivered as ({RAW_COUNTS}), "
        f"mapped as (select source, sum(n_seizures) as n from {LINES} group by source) "
        "select source from delivered full outer join mapped using (source) "
        "where coalesce(delivered.n, 0) <> coalesce(mapped.n, 0)",
        Note("no_seizure_lost_from_raw", show="source"),
    )
