{# The columns of a line of marts.indicators, in order, so that every source's lines can be put under each other.
   `values` says what differs from the defaults; a name that is no column is an error. #}

{% macro indicator_columns(relation, values) -%}
    {%- set defaults = {
        'indicator_key': none,
        'source': relation ~ '.source',
        'delivery_id': relation ~ '.delivery_id',
        'source_line': relation ~ '.source_line',
        'series': none,
        'substance': 'cast(null as varchar)',
        'substance_group': 'cast(null as varchar)',
        'country_code': 'cast(null as varchar)',
        'area': 'cast(null as varchar)',
        'period_start': relation ~ '.period_start',
        'period_end': relation ~ '.period_end',
        'value_low': 'cast(null as decimal(18, 6))',
        'value': none,
        'value_high': 'cast(null as decimal(18, 6))',
        'combination': "'stated'",
        'unit': none,
        'market_level': 'cast(null as varchar)',
        'kind': "'measured'",
        'publisher': none,
        'agency_scope': 'cast(null as varchar)',
        'is_secondary_source': 'false',
        'title': none,
        'published_date': 'cast(null as varchar)',
        'document': 'cast(null as varchar)',
        'locator': none,
        'comparability': "'ok'",
        'is_synthetic': relation ~ '.is_synthetic',
    } -%}
    {%- for name in values if name not in defaults -%}
        {{ exceptions.raise_compiler_error('indicator_columns: ' ~ name ~ ' is no column of an indicator') }}
    {%- endfor -%}
    {%- for name in defaults -%}
        {{ values[name] if name in values else defaults[name] }} as {{ name }}
        {%- if not loop.last -%}, {% endif -%}
    {%- endfor -%}
{%- endmacro %}
