"""Exceptions.  Each says what is wrong and what to do about it; `status` is the C library's name for it, where it has
one, and `diagnostics` are the messages that came with it, with places in the user's source."""


class AlpaError(Exception):
    """What every exception of this package is."""
    status = ""

    def __init__(self, message, diagnostics=()):
        super().__init__(message)
        self.diagnostics = tuple(diagnostics)


class InvalidArgumentError(AlpaError, ValueError):
    """The input is wrong."""
    status = "invalid-argument"


class NotFoundError(AlpaError, LookupError):
    """A file, symbol or entry does not exist."""
    status = "not-found"


class UnsupportedError(AlpaError, NotImplementedError):
    """The input is right, but this version cannot handle it."""
    status = "unsupported"


class OutOfMemoryError(AlpaError, MemoryError):
    """An allocation failed."""
    status = "out-of-memory"


class InfeasibleError(AlpaError):
    """No plan satisfies the constraints."""
    status = "infeasible"


class UnavailableError(AlpaError, RuntimeError):
    """A library, backend or device is not present on this machine."""
    status = "unavailable"


class IOFailure(AlpaError, OSError):
    """The operating system refused a read or write."""
    status = "io-error"


class DataLossError(AlpaError):
    """Stored data is damaged."""
    status = "data-loss"


class DeadlineExceededError(AlpaError, TimeoutError):
    """A device did not answer in time."""
    status = "deadline-exceeded"


class AbortedError(AlpaError):
    """Another device of the mesh failed."""
    status = "aborted"


class InternalError(AlpaError):
    """A defect of the library; please report it."""
    status = "internal"


class LibraryNotFoundError(AlpaError, ImportError):
    """libalpa, or a library that it needs, is not where it should be."""


class VersionError(AlpaError, ImportError):
    """JAX is missing or too old."""


class TracingError(AlpaError, TypeError):
    """The function cannot be traced by JAX."""


class NestedTransformError(AlpaError, TypeError):
    """A parallelized function was called inside jit, grad, vmap or another transformation."""


class DonatedArrayError(AlpaError, RuntimeError):
    """An array was used after a step had taken it over."""


_BY_STATUS = {kind.status: kind for kind in AlpaError.__subclasses__() if kind.status}


def from_status(status, diagnostics):
    """The exception for a status of the C library: its name, and (severity, rendered text) messages."""
    texts = [text.rstrip("\n") for _, text in diagnostics]
    message = "\n".join(texts) if texts else f"libalpa answers '{status}' without a message"
    return _BY_STATUS.get(status, InternalError)(message, diagnostics)
