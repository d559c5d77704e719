-- Which way each kind of evidence moved against the year before, and the reading of them together.
select
    source, country_code, country_label, substance_group, substance_group_label, period_start, period_end, is_synthetic,
    cast(year as varchar) as "Year",
    seizures_count_direction as "Seizures", seizures_kg_direction as "Mass seized", price_direction as "Price",
    purity_direction as "Purity", wastewater_direction as "Wastewater", survey_direction as "Surveys",
    coalesce(reading_label, replace(reading_reason, '_', ' ')) as "Reading", reading_label, comparability as "Comparability"
from marts.triangulation
order by country_code, substance_group, period_start desc
