"""Name the ways in which this project can fail: one family, one class per reach.

Each message names the value, what was expected and the way out, so that it can be shown to a reader as it is.
"""


class AtlasError(Exception):
    """Stand for every failure this project raises on purpose; catch it to catch them all."""


class RowError(AtlasError, ValueError):
    """One row cannot be used; skip it, list it, and go on with the others."""


class FileError(AtlasError, ValueError):
    """A file cannot be used at all; nothing was read from it and nothing was changed in it."""


class ServiceError(AtlasError, ConnectionError):
    """An outside service did not answer as expected; the records are untouched and the call may be repeated."""


class QueryError(AtlasError, ValueError):
    """A selection or an address cannot be read; the caller falls back to what it had and says so."""
