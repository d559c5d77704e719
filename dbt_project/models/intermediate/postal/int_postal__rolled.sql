{{
    rolled_up(
        ref('int_postal__mapped'),
        keys=['source', 'country_code', 'agency', 'selection', 'mail_type'],
        sums={'items_examined': 'bigint', 'items_with_drugs': 'bigint', 'items_in_stream': 'bigint'},
    )
}}
