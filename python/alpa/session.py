"""The session: one context of the library, the cluster that plans are for, and the devices of this machine."""
import collections
import ctypes
import os
import sys

from alpa import errors
from alpa._library import Context, lib, make
from alpa.array import release_dropped

_current = None


class GlobalConfig:
    """Settings of the process, as attributes of `alpa.global_config`."""

    def __init__(self):
        home = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        #: where plans and machine code are kept between processes; None: nowhere
        self.cache_directory = os.path.join(home, "alpa")
        #: tells on stderr what the first call of a function does
        self.show_progress = sys.stderr.isatty() or "ipykernel" in sys.modules
        #: threads that run the devices; 0: one per core
        self.workers = 0
        #: seconds until a device that makes no progress is given up
        self.deadline_s = 60.0


global_config = GlobalConfig()


class Session:
    """What `init` makes.  Arrays that nobody refers to any more wait in `garbage` until the next call into the
    library, which releases them under the lock: Python may drop them in any thread at any time."""

    def __init__(self, cluster):
        self.context = Context()
        self.cluster = cluster
        self.is_open = True
        self.garbage = collections.deque()  # blocks of handles
        self.batches = []  # weak references to those of several arrays
        self.placements = {}
        self._discarded = collections.deque()
        self._devices = {}
        info = make("alpa_cluster_info")
        self.context.check(lib.alpa_cluster_get_info(self.context.handle, cluster.encode(), ctypes.byref(info)))
        self.n_devices = info.n_devices
        self.is_host = info.is_host
        self.devices_per_host = info.devices_per_host
        self.memory_bytes = info.memory_bytes
        self.device_name = info.device_name.decode()

    def get_devices(self, n):
        """The handle of a mesh of n devices of this machine, made once."""
        if not self.is_host:
            raise errors.UnavailableError(
                f"the cluster '{self.cluster}' is not this machine: its plans can be made and read (get_executable), "
                "but not run; alpa.init(cluster='local') runs")
        if n not in self._devices:
            options = make("alpa_devices_options", n_devices=n, workers=global_config.workers,
                           deadline_s=float(global_config.deadline_s))
            handle = ctypes.c_void_p()
            with self.context.lock:
                self.context.check(lib.alpa_devices_create(self.context.handle, ctypes.byref(options),
                                                           ctypes.byref(handle)))
            self._devices[n] = handle
        return self._devices[n]

    def collect_garbage(self):
        """Releases what waits; the caller has the lock."""
        while self._discarded:
            destroy, handle = self._discarded.popleft()
            destroy(handle)
        if self.batches:
            release_dropped(self.batches)
        while self.garbage:
            block = self.garbage.popleft()
            lib.alpa_arrays_release(block.buffer_info()[0], len(block))

    def discard(self, destroy, handle):
        """Has something destroyed by the next call into the library: Python may drop it while another call runs."""
        if self.is_open:
            self._discarded.append((destroy, handle))

    def close(self):
        """Ends the threads of the devices.  Arrays can still be dropped, but not read."""
        with self.context.lock:
            self.collect_garbage()
            self.is_open = False
            for handle in self._devices.values():
                lib.alpa_devices_destroy(handle)
            self._devices.clear()


def init(cluster="local", **kwargs):
    """Says what to plan for and run on.

    Args:
      cluster: `"local"`, every core of this machine as a device; `"host:8"`, eight devices on its cores; the name of a
        preset with a count of hosts, as `"p3.16xlarge:8"`, or a JSON file: these can be planned for, not run on.
    """
    global _current
    if kwargs:
        raise errors.UnsupportedError(
            f"alpa.init has no argument '{next(iter(kwargs))}': a cluster is one string, as 'host:8', 'p3.16xlarge:8' "
            "or a JSON file")
    if cluster == "ray":
        raise errors.UnsupportedError("there is no Ray behind this alpa: use cluster='local', 'host:8', a preset or a "
                                      "JSON file")
    if cluster == "local":
        cluster = f"host:{len(os.sched_getaffinity(0))}"
    session = Session(cluster)
    shutdown()
    _current = session


def shutdown():
    """Ends the session: its devices stop, and its arrays cannot be used any more."""
    global _current
    if _current is not None:
        _current.close()
    _current = None


def get_session():
    """The session; where there is none, that of `init()`."""
    if _current is None:
        init()
    return _current


def get_global_num_devices():
    """How many devices the cluster has."""
    return get_session().n_devices
