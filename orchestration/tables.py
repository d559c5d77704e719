"""The pipeline's own tables before any delivery: the books it keeps (`ops`), and a source's empty table in raw."""

from __future__ import annotations

import duckdb

from orchestration import corrections
from orchestration.contract import BOOKKEEPING, Contract
from orchestration.errors import ContractError

OPS_DDL = (
    """
create schema if not exists raw;
create schema if not exists ops;
create sequence if not exists ops.delivery_ids;
create table if not exists ops.deliveries (
    delivery_id integer primary key, source varchar, sha256 varchar, file_name varchar, size_bytes bigint,
    known_at timestamp, loaded_at timestamp, rows_in_file bigint, rows_loaded bigint, rows_quarantined bigint,
    rows_dropped bigint, licence varchar, scopes varchar);
create table if not exists ops.refusals (
    source varchar, sha256 varchar, file_name varchar, known_at timestamp, sentence varchar);
create table if not exists ops.rejects (
    source varchar, delivery_id integer, line integer, field varchar, value varchar, reason varchar);
create table if not exists ops.reject_counts (  -- of all failing cells, where ops.rejects lists the first; field null: any field
    source varchar, delivery_id integer, field varchar, reason varchar, rows bigint);
create table if not exists ops.drops (source varchar, delivery_id integer, rule varchar, rows bigint);
create table if not exists ops.control_totals (
    source varchar, delivery_id integer, field varchar, in_file decimal(38, 6), loaded decimal(38, 6),
    quarantined decimal(38, 6), dropped decimal(38, 6));
create table if not exists ops.revised (  -- rows of closed periods that a delivery replaced: how many stood, how many it changed
    source varchar, delivery_id integer, rows_closed bigint, rows_revised bigint);
create table if not exists ops.sources (source varchar primary key, parse_version varchar);
create or replace view ops.vintages as  -- which moments of knowledge there are of each scope
    select distinct source, unnest(json_extract_string(scopes, '$[*]')) as scope, known_at from ops.deliveries;
"""
    + corrections.DDL
)


def make_table(con: duckdb.DuckDBPyConnection, contract: Contract) -> None:
    """An empty `raw.<source>`.

    Raises:
        ContractError: a field's name is a word of SQL.
    """
    columns = ", ".join(f"{name} {kind}" for name, kind in [*contract.raw_columns(), *BOOKKEEPING])
    try:
        con.execute(f"create or replace table raw.{contract.name} ({columns})")
    except duckdb.ParserException as error:
        near = str(error).splitlines()[0]
        raise ContractError(
            f"{contract.name}.yml: a name in schema.fields is a word of SQL ({near}); choose another and let 'title' "
            "hold the header."
        ) from error
