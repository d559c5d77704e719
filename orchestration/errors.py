"""The errors a user can cause. Each carries one sentence: what is wrong, where, and what to do."""


class BeslagError(Exception):
    """Base of every error that is shown as a sentence, without a traceback."""


class UsageError(BeslagError):
    """The command was called in a way that cannot work."""


class ContractError(BeslagError):
    """A contract in `sources/` does not hold."""


class DeliveryRefused(BeslagError):
    """A file cannot be merged; raw stays as it was and the other sources go on."""


class BuildRefused(BeslagError):
    """A gate refused the build; nothing was published."""


class Busy(BeslagError):
    """Another run holds the build."""
