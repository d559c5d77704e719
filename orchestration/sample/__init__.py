"""Synthetic agency feeds of any size: `beslag sample`. No figure here is evidence."""

from orchestration.sample.files import write_sample

__all__ = ["write_sample"]
