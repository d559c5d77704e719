"""What must hold before anything is published: Great Expectations suites over the build database.

Here: the dialect GX needs for DuckDB, the suites, and two expectations GX does not bring. Not here: running them
(orchestration/gates.py). Telemetry and progress bars are off before GX is imported anywhere.
"""

import logging
import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"
os.environ["TQDM_DISABLE"] = "1"
# GX logs the SQL and the driver's message of a failing check, and both can hold cell values.
logging.getLogger("great_expectations").setLevel(logging.CRITICAL + 1)
