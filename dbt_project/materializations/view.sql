{# A view takes the old one's place in one statement, as a table does (table.sql). #}

{% materialization view, adapter="duckdb" %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='view') -%}
  {% if existing is not none and not existing.is_view %}
    {{ drop_relation_if_exists(existing) }}
  {% endif %}
  {% call statement('main', auto_begin=False) -%}
    create or replace view {{ target }} as (
      {{ compiled_code }}
    )
  {%- endcall %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
