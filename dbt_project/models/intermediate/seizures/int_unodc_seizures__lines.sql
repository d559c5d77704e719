{{ unodc_counted(ref('stg_unodc_seizures')) }}
