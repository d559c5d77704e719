"""A marimo notebook: is cocaine a growing share of seizures, and what is left without the three largest?

`uvx --with duckdb,polars,altair marimo edit examples/cocaine_share.py`, from the folder that holds warehouse.duckdb.
"""

import marimo

app = marimo.App(width="medium")


@app.cell
def _():
    import os

    import altair as alt
    import duckdb
    import marimo as mo

    def query(sql):
        """Open, ask, close: the next question sees the build that is published then."""
        with duckdb.connect(os.environ.get("WAREHOUSE", "warehouse.duckdb"), read_only=True) as con:
            return con.execute(sql).pl()

    return alt, mo, query


@app.cell
def _(mo, query):
    build = query("select build_id, built_at, as_of from meta.build")
    mo.md(
        f"# Cocaine among Norwegian seizures\n\nBuild {build['build_id'][0]}. Rows that are synthetic say so."
    )


@app.cell
def _(mo, query):
    sources = query("""
        select distinct source
        from marts.substance_share
        where country_code = 'NO' and substance_group = 'cocaine'
        order by source
    """)
    source = mo.ui.dropdown(sources["source"].to_list(), value=sources["source"][0], label="Source")
    source
    return (source,)


@app.cell
def _(query, source):
    every_share = query("""
        select
            source, period_grain, period_start, share_count_pct, share_count_pct_lo, share_count_pct_hi,
            share_mass_pct, share_mass_pct_ex_top3, is_synthetic
        from marts.substance_share
        where country_code = 'NO' and substance_group = 'cocaine' and period_grain in ('year', 'half_year')
        order by source, period_grain, period_start
    """)
    share = every_share.filter(every_share["source"] == source.value)
    share
    return (share,)


@app.cell
def _(alt, share):
    base = alt.Chart(share).encode(x=alt.X("period_start:T", title=None), color="period_grain:N")
    interval = alt.layer(
        base.mark_rule().encode(
            y=alt.Y("share_count_pct_lo:Q", title="per cent of seizures, 95 % interval"),
            y2="share_count_pct_hi:Q",
        ),
        base.mark_point(filled=True).encode(y="share_count_pct:Q"),
    )
    interval


if __name__ == "__main__":
    app.run()
