-- Turnover adds over time. Sellers and buyers do not, since most are active in several parts of a year: a period put
-- together from parts has the mean number active in a part, as the price index has the mean index.
{{
    rolled_up(
        ref('int_darknet__mapped'),
        keys=['source', 'country_code', 'agency', 'platform_scope', 'currency'],
        sums={'turnover': 'decimal(18, 6)'},
        means={'vendors': 'bigint', 'buyers': 'bigint', 'price_index': 'decimal(18, 6)'},
    )
}}
