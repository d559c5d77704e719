"""Superset for a test: on loopback, its own SQLite file, a secret made for the run. Not a configuration to serve with."""

import os
from pathlib import Path

HOME = Path(os.environ["SUPERSET_HOME"])
SECRET_KEY = os.environ["BESLAG_BI_SECRET"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{HOME / 'superset.db'}"
PREVENT_UNSAFE_DB_CONNECTIONS = False  # a file of this machine is what we want to read
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
RATELIMIT_ENABLED = False
