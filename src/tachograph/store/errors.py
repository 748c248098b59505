"""What can go wrong with a store, each a single line that says what to do."""


class StoreError(Exception):
    """The store cannot do what was asked; its text is one line for the user."""

    is_wrong_use = False  # whether what was asked for was wrong, rather than the store


class StoreMissing(StoreError):
    """A store to be read is not there."""


class StoreBusy(StoreError):
    """Another process is writing to the store (or reading it, where this one wants to write)."""


class StoreBroken(StoreError):
    """The file is no store of ours, is damaged, or was written by a newer version."""


class UnknownStore(StoreError):
    """The URL names a kind of store that is not supported."""


class PathUnreadable(StoreError):
    """A telemetry file or folder is missing or may not be read."""


class PricesUnreadable(StoreError):
    """A price file that is missing or says what cannot be understood; the text says what."""

    is_wrong_use = True


class ReaderLost(StoreError):
    """A process that parses for us ended unexpectedly."""


class TraceUnknown(StoreError):
    """No stored trace has this id or prefix."""


class TraceAmbiguous(StoreError):
    """More than one stored trace begins with this prefix."""
