"""The page people look at: one HTML file per build, made from the published file and nothing else.

Here: what the page shows and says. Not here: when it is written and which build's page readers get (publish.py, builds.py).
"""

from orchestration.site.page import PAGE, write

__all__ = ["PAGE", "write"]
