"""The C library: where it is, and calls that raise.

`lib` has the functions of alpa.h as attributes.  A context reports diagnostics while a function runs, on the thread
that called it; `Context.check` turns a status and these into an exception.
"""
import ctypes
import os
import pathlib
import threading
import warnings

from alpa import errors
from alpa._header import Header, read_text

#: the remedy where a library that libalpa needs is missing
PACKAGES = "on Debian 12, apt install libjansson4 libllvm19 coinor-libcbc3 brings what it needs"
_PACKAGE = pathlib.Path(__file__).resolve().parent
_CHECKOUT = _PACKAGE.parent.parent


def _find(environment, wheel, checkout):
    """The path that a variable names, else the wheel's file, else that of the checkout this package lies in."""
    given = os.environ.get(environment)
    candidates = [pathlib.Path(given)] if given else [_PACKAGE / wheel, _CHECKOUT / checkout]
    for path in candidates:
        if path.exists():
            return path
    raise errors.LibraryNotFoundError(
        f"no {candidates[0].name} at {' or '.join(map(str, candidates))}: install the wheel (pip install alpa-*.whl), "
        f"or name the file in {environment}")


def _load():
    path = _find("ALPA_LIBRARY", "lib/libalpa.so", "build/lib/libalpa.so")
    try:
        library = ctypes.CDLL(str(path))
    except OSError as error:
        raise errors.LibraryNotFoundError(
            f"cannot open {path}: {error}; {PACKAGES}") from error
    for name, (result, arguments) in header.functions.items():
        if not hasattr(library, name):
            raise errors.LibraryNotFoundError(f"{path} lacks {name}: it is of another version than this package")
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


header = Header(read_text(_find("ALPA_HEADER", "include/alpa/alpa.h", "include/alpa/alpa.h")))
lib = _load()
STATUS = [row[1] for row in header.tables["STATUS"]]
DTYPES = [row[1] for row in header.tables["DTYPE"]]
SAFETENSORS = {row[1]: row[5] for row in header.tables["DTYPE"]}


def make(name, /, **members):
    """A structure of the header with its size filled in; text is encoded."""
    struct = header.structs[name]()
    if hasattr(struct, "struct_size"):
        struct.struct_size = ctypes.sizeof(struct)
    for member, value in members.items():
        setattr(struct, member, value.encode() if isinstance(value, str) else value)
    return struct


class Context:
    """An alpa_context: what reports, and the lock under which its functions run."""

    def __init__(self):
        self.lock = threading.RLock()
        self._messages = []
        self._callback = header.callbacks["alpa_diagnostic_fn"](self._receive)
        options = make("alpa_context_options", diagnostic=self._callback)
        self.handle = ctypes.c_void_p()
        self.check(lib.alpa_context_create(ctypes.byref(options), ctypes.byref(self.handle)))

    def _receive(self, _, address):
        diagnostic = header.structs["alpa_diagnostic"].from_address(address)
        self._messages.append((diagnostic.severity, diagnostic.rendered.decode(errors="replace")))

    def check(self, status):
        """Raises unless the status is 0; remarks of a call that went well become warnings."""
        messages, self._messages = self._messages, []
        if status:
            worst = max((severity for severity, _ in messages), default=0)
            relevant = [m for m in messages if m[0] in (0, worst)]
            raise errors.from_status(STATUS[status], relevant)
        warning = header.enums["alpa_severity"].index("ALPA_WARNING")
        for severity, text in messages:
            if severity >= warning:
                warnings.warn(text.rstrip("\n"), stacklevel=3)

    def collect(self, function, *arguments):
        """The text that a function writes through an alpa_write_fn, which it takes last but one."""
        parts = []

        def write(_, text, size):
            parts.append(ctypes.string_at(text, size))
            return 0
        callback = header.callbacks["alpa_write_fn"](write)
        self.check(function(*arguments, callback, None))
        return b"".join(parts).decode()


def find_tool(name):
    """The path of one of the library's tools."""
    return _find("ALPA_TOOL", f"bin/{name}", f"build/bin/{name}")


def get_include():
    """The directory to compile C programs with that include <alpa/alpa.h>."""
    return str(_find("ALPA_HEADER", "include/alpa/alpa.h", "include/alpa/alpa.h").parent.parent)
