"""Lays the real public files of ../shared/data out as an inbox: one folder per source, files under their own names."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"
FILES = {
    "colombia_ponal": "colombia_ponal/*.xlsx",
    "dea_stride": "dea_stride/*.csv",
    "ecb_fx": "ecb_fx/*.csv",
    "cbp_seizures": "cbp/*.csv",
    "euda_wastewater": "euda_wastewater/*all-data.csv",
    "euda_wastewater_sites": "euda_wastewater/*site-info-table.csv",
    "emcdda_seizure_counts": "emcdda/*.html",
    "unodc_seizures": "unodc/7.1_*.xlsx",
    "cpi": "worldbank_cpi/cpi.csv",
    "countries": "iso3166/*.csv",
    "places": "un_locode/[A-Z][A-Z].csv",
    "darknet_listings": "darknet_dream/*.csv",
    "unodc_price_purity": "unodc/retail_price_purity_*.csv",
    "unodc_prices": "unodc/priceSeries_*.json",
    "unodc_prevalence": "unodc/1.2_*.xlsx",
    "unodc_prevalence_nps": "unodc/1.2_*.xlsx",
    "oc_index": "oc_index/*.xlsx",
}


def lay_out(inbox: Path, sources: dict[str, str] = FILES) -> Path:
    """Copy the real files into `inbox`, one folder per source; returns the inbox."""
    for source, pattern in sources.items():
        (inbox / source).mkdir(parents=True, exist_ok=True)
        for path in sorted(SHARED.glob(pattern)):
            target = inbox / source / path.name
            target.unlink(missing_ok=True)
            shutil.copyfile(path, target)
    return inbox


if __name__ == "__main__":
    if not SHARED.is_dir():
        sys.exit("The real files are not here: this target needs ../shared/data beside the project.")
    lay_out(Path(sys.argv[1]))
