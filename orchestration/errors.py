"""The errors a user can cause. Each carries one sentence: what is wrong, where, and what to do; and its exit code."""

PUBLISHED, REFUSED_BUILD, USAGE, BUSY, REFUSED_DELIVERY, FAILED = 0, 1, 2, 3, 4, 5


class BeslagError(Exception):
    """Base of every error that is shown as a sentence, without a traceback."""

    code = FAILED


class UsageError(BeslagError):
    """The command was called in a way that cannot work."""

    code = USAGE


class ContractError(BeslagError):
    """A contract in `sources/` does not hold."""

    code = USAGE


class DeliveryRefused(BeslagError):
    """A file cannot be merged; raw stays as it was and the other sources go on."""


class BuildRefused(BeslagError):
    """A gate refused the build; nothing was published."""

    code = REFUSED_BUILD


class Busy(BeslagError):
    """Another run holds the build."""

    code = BUSY


class Starved(BeslagError):
    """The machine gives too little: disk, memory, or a folder that cannot be written to."""
