{# A view takes the old one's place in one statement, as a table does (table.sql). #}

{% materialization view, adapter="duckdb" %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='view') -%}
  {% if existing is not none and not existing.is_view %}
    {{ drop_relation_if_exists(existing) }}
  {% endif %}
  {% call statement('main', auto_begin=False) -%}
    {%- if config.get('contract').enforced %}
      {{ get_assert_columns_equivalent(compiled_code) }}
    {%- endif %}
    create or replace view {{ target }} as (
      {{ compiled_code }}
    )
  {%- endcall %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
