{#
A table takes the old one's place in one statement. dbt-duckdb's own way builds it beside, renames both, commits and drops the old one:
five statements more a model, in a database that nobody reads before the build is whole and that the next build repairs.
#}

{% materialization table, adapter="duckdb", supported_languages=['sql', 'python'] %}
  {%- set existing = load_cached_relation(this) -%}
  {%- set target = this.incorporate(type='table') -%}
  {%- set language = model['language'] -%}
  {% if existing is not none and (language == 'python' or not existing.is_table) %}
    {{ drop_relation_if_exists(existing) }}
  {% endif %}
  {% call statement('main', language=language, auto_begin=False) -%}
    {% if language == 'python' %}
      {{- py_write_table(temporary=False, relation=target, compiled_code=compiled_code) }}
    {% elif config.get('contract').enforced %}
      {{ get_assert_columns_equivalent(compiled_code) }}
      create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
      insert into {{ target }} {{ get_column_names() }} (
        {{ get_select_subquery(compiled_code) }}
      )
    {% else %}
      create or replace table {{ target }} as (
        {{ compiled_code }}
      )
    {% endif %}
  {%- endcall %}
  {{ return({'relations': [target]}) }}
{% endmaterialization %}
