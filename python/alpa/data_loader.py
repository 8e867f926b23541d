"""Batches that are on the devices before they are asked for."""
import queue
import threading

from alpa import errors
from alpa._jax import jax

_END = object()


def _fill(batches, specs, place, batches_out, is_stopped):
    """Runs in the loader's thread: host work of the next batches goes on while a step runs."""
    try:
        for batch in batches:
            item = place(batch, specs)
            while not is_stopped.is_set():
                try:
                    batches_out.put(item, timeout=0.1)
                    break
                except queue.Full:
                    continue
            if is_stopped.is_set():
                return
        item = _END
    except BaseException as error:  # pylint: disable=broad-except
        item = error
    while not is_stopped.is_set():
        try:
            batches_out.put(item, timeout=0.1)
            return
        except queue.Full:
            continue


def _place(batch, specs):
    leaves, structure = jax.tree_util.tree_flatten(batch)
    wanted = jax.tree_util.tree_leaves(specs)
    if len(leaves) != len(wanted):
        raise errors.InvalidArgumentError(f"a batch of {len(leaves)} arrays was loaded, the placement specs are of "
                                          f"{len(wanted)}")
    return jax.tree_util.tree_unflatten(structure, [spec.place(leaf) for spec, leaf in zip(wanted, leaves)])


class DataLoader:
    """Iterates over batches as alpa.Arrays: each device has the rows that the plan gives it.

    Args:
      input_iter: batches, trees of host arrays.
      placement_specs: where they shall lie: the batch's part of `executable.get_input_placement_specs()`.
      prefetch_size: how many batches are made ready ahead, in a thread.
    """

    def __init__(self, input_iter, placement_specs, prefetch_size=1):
        self._ready = queue.Queue(max(1, prefetch_size))
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(
            target=_fill, args=(iter(input_iter), placement_specs, _place, self._ready, self._is_stopped), daemon=True)
        self._thread.start()
        self._end = None

    def __iter__(self):
        return self

    def __next__(self):
        if self._end is None:
            item = self._ready.get()
            if item is not _END and not isinstance(item, BaseException):
                return item
            self._end = item
        if self._end is _END:
            raise StopIteration
        raise self._end

    def close(self):
        """Ends the thread."""
        self._is_stopped.set()

    __del__ = close


class MeshDriverDataLoader(DataLoader):
    """A DataLoader over a numbered data set.

    Args:
      batch_size, num_samples: of the data set.
      input_iter_func: called with (start, end, batch_size), returns the batches of these samples.
      placement_specs, prefetch_size: as of DataLoader.
      repeat: begins again at the end.
    """

    def __init__(self, batch_size, num_samples, input_iter_func, placement_specs, prefetch_size=1, repeat=False):
        def batches():
            while True:
                yield from input_iter_func(0, num_samples // batch_size * batch_size, batch_size)
                if not repeat:
                    return
        super().__init__(batches(), placement_specs, prefetch_size)
