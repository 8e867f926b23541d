"""Calls of a program: leaves become handles and handles arrays, in as few steps of Python as there can be.

The common case of a training loop is that all arguments which the program takes over are one batch, as the last call
returned it, that few others come from the host, and that the rest is what it was in the last call.  Then nothing is
looked at one by one: keys of arrays are compared as lists, and handles are copied as blocks.  What is not so takes the
slow way, which also finds out what the common case is now.
"""
import array as _packed
import ctypes
import operator
import sys
import time

import numpy as np

from alpa import errors
from alpa._jax import jax
from alpa._library import lib
from alpa.array import COUNTS_REFERENCES, HELD_ONCE, Array, Batch, Placement, Sharding, make_array
from alpa.tracing import get_type, is_key_type

_get_key = operator.attrgetter("_key")


def read_leaf(leaf, dtype):
    """The leaf's elements in host memory, dense, as the program's type has them."""
    if type(leaf) is Array:
        return leaf._read()
    if is_key_type(dtype):
        return np.ascontiguousarray(jax.random.key_data(leaf))
    return np.ascontiguousarray(np.asarray(leaf, dtype))


def _find_runs(numbers):
    """[(0, 3), (7, 8)] of [0, 1, 2, 7]."""
    runs = []
    for n in numbers:
        if runs and runs[-1][1] == n:
            runs[-1] = (runs[-1][0], n + 1)
        else:
            runs.append((n, n + 1))
    return runs


def _join(items, runs):
    """The items of the runs, one run after the other."""
    joined = items[slice(*runs[0])]
    for start, stop in runs[1:]:
        joined += items[start:stop]
    return joined


def _make_picker(numbers):
    """A function that picks these items of a list, as a tuple."""
    if len(numbers) > 1:
        return operator.itemgetter(*numbers)
    return lambda items: tuple(items[i] for i in numbers)


class Caller:
    """Calls one program."""

    def __init__(self, executable, program):
        self.executable, self.program, self.session = executable, program, executable.session
        plan = executable.plan
        self._types = executable.argument_types
        self._expected = [self._place(*pair) for pair in zip(plan.arguments, self._types)]
        self._placements = [self._place(*pair) for pair in zip(plan.results, executable.result_types)]
        self._find_batches(plan)
        self._zeros = bytes(8 * len(self._placements))
        self._idle = None  # the arrays that the last call has taken over, and that may be used for results again
        self._from_host = []  # the leaves that did not lie on the devices in earlier calls
        self._forget_kept()

    def _find_batches(self, plan):
        """The results that take the place of arguments are a batch, the others arrays of their own."""
        taken = {tensor.donated_to: i for i, tensor in enumerate(plan.arguments) if tensor.donated_to >= 0}
        numbers = sorted(taken)
        self._is_taken = [tensor.donated_to >= 0 for tensor in plan.arguments]
        self._taken_runs = _find_runs([taken[i] for i in numbers])  # of arguments, in the order of the batch
        self._batch_runs = _find_runs(numbers)  # of results
        self._others = [i for i in range(len(plan.results)) if i not in taken]
        self._batch_placements = [self._placements[i] for i in numbers]
        self._all_idle = [HELD_ONCE] * len(numbers)

    def _place(self, tensor, kind):
        shape, dtype, weak_type = kind
        key = (shape, dtype, weak_type, tensor.shape, tensor.parts, self.program.plan_devices)
        found = self.session.placements.get(key)
        if found is None:
            sharding = Sharding(tensor.mesh, tensor.dims, tensor.local_shape)
            found = Placement(self.session, self.program, shape, dtype, weak_type, sharding)
            self.session.placements[key] = found
        return found

    # ---- calls ----

    def run(self, leaves):
        """The results, as a list; None where some leaves are of other types than the program is for."""
        session = self.session
        if not session.is_open:
            return None
        context = session.context
        with context.lock:
            session.collect_garbage()
            pointers, batch = self._collect(leaves) or self._collect_slowly(leaves)
            if pointers is None:
                return None
            results = _packed.array("Q", self._zeros)
            start = time.perf_counter()
            try:
                context.check(lib.alpa_program_run(self.program.handle, pointers.buffer_info()[0],
                                                   results.buffer_info()[0]))
            finally:
                self.executable.step_times.append(time.perf_counter() - start)
            idle, self._idle = self._idle, None
            if self._taken_runs:
                self._take_over(leaves, batch)
        arrays = self._make_arrays(results, idle)
        return self._deliver(arrays) if self.executable.destination else arrays

    def _collect(self, leaves):
        """(handles of all leaves, the batch that is taken over) in the common case, else None."""
        for i in self._from_host:
            if type(leaves[i]) is not Array and not self._replace(leaves, i):
                return None, None
        try:
            keys = list(map(_get_key, leaves))
        except AttributeError:
            return None
        pointers, batch = self._template[:], None
        if self._taken_runs:
            batch, at = leaves[self._taken_runs[0][0]]._batch, 0
            if (batch.placements is not self._batch_placements or not batch.is_whole
                    or _join(keys, self._taken_runs) != batch.keys):
                return None
            for start, stop in self._taken_runs:
                pointers[start:stop] = batch.block[at:at + stop - start]
                at += stop - start
        if self._kept_keys is None or self._pick_kept(keys) != self._kept_keys:
            return None
        for kept, block in self._kept_blocks:
            if kept.block is not block:
                return None
        for i in self._from_host:
            if leaves[i]._placement is not self._expected[i]:
                return None
            pointers[i] = leaves[i]._use()
        return pointers, batch

    def _collect_slowly(self, leaves):
        """The same, leaf by leaf; (None, None) where some are of other types."""
        expected = self._expected
        self._from_host = [i for i, leaf in enumerate(leaves)
                           if not self._is_taken[i] and (type(leaf) is not Array or i in self._from_host)]
        for i, leaf in enumerate(leaves):
            if (type(leaf) is not Array or leaf._placement is not expected[i]) and not self._replace(leaves, i):
                self._forget_kept()
                return None, None
        pointers = _packed.array("Q", [leaf._use() for leaf in leaves])
        self._remember_kept(leaves, pointers)
        return pointers, None

    def _forget_kept(self):
        self._template, self._kept_keys = _packed.array("Q"), None

    def _remember_kept(self, leaves, pointers):
        """What neither comes from the host nor is taken over may be the same in the next call."""
        kept = [i for i in range(len(leaves)) if not self._is_taken[i] and i not in self._from_host]
        self._template = pointers
        self._pick_kept = _make_picker(kept)
        self._kept_keys = self._pick_kept(list(map(_get_key, leaves)))
        batches = {id(leaves[i]._batch): leaves[i]._batch for i in kept}
        self._kept_blocks = [(batch, batch.block) for batch in batches.values()]

    def _replace(self, leaves, index):
        """Makes leaf `index` an array in its place, if it is of the right type."""
        leaf = leaves[index]
        if isinstance(leaf, jax.core.Tracer) or get_type(leaf) != self._types[index]:
            return False
        placed = make_array(self.session, self.place_leaf(index, leaf), self._expected[index])
        if type(leaf) is Array and self._is_taken[index]:
            self.session.garbage.append(_packed.array("Q", (leaf._take(self.executable.name),)))
        leaves[index] = placed
        return True

    def _take_over(self, leaves, batch):
        """Marks the arrays that the step has taken over; their handles, which are empty, are released."""
        name = self.executable.name
        taken = _join(leaves, self._taken_runs)
        if batch is None:
            block = _packed.array("Q", [leaf._take(name) for leaf in taken])
        else:
            block = batch.take_all(name)
            self._idle = taken
        lib.alpa_arrays_release(block.buffer_info()[0], len(block))

    # ---- results ----

    def _make_arrays(self, results, idle):
        """Arrays for handles of results; `idle` ones, if nobody refers to them."""
        arrays = self._make_batch(_join(results, self._batch_runs), idle) if self._batch_runs else []
        if self._batch_runs in ([], [(0, len(arrays))]):
            arrays.extend(make_array(self.session, results[i], self._placements[i]) for i in self._others)
            return arrays
        ordered, at = [None] * len(results), 0
        for start, stop in self._batch_runs:
            ordered[start:stop] = arrays[at:at + stop - start]
            at += stop - start
        for i in self._others:
            ordered[i] = make_array(self.session, results[i], self._placements[i])
        return ordered

    def _make_batch(self, block, idle):
        if idle and COUNTS_REFERENCES and list(map(sys.getrefcount, idle)) == self._all_idle:
            idle[0]._batch.fill(block)
            return idle
        return Batch(self.session, self._batch_placements, block).make_arrays()

    def _deliver(self, arrays):
        """Moves results to where they are wanted, one by one, so that little is there twice."""
        for i, array in enumerate(arrays):
            arrays[i] = self.executable.destination.place_one(i, array)
            del array
            with self.session.context.lock:
                self.session.collect_garbage()
        return arrays

    # ---- placing ----

    def place_leaf(self, index, leaf):
        """A new handle of a leaf in the place of argument `index`; the caller has the lock."""
        out, context, program = ctypes.c_void_p(), self.session.context, self.program
        if type(leaf) is Array:
            handle, placement = leaf._use(), leaf._placement
            if placement.session is self.session and not placement.is_shared:
                if placement.program.plan_devices == program.plan_devices:
                    context.check(lib.alpa_program_place_array(program.handle, index, handle, ctypes.byref(out)))
                    return out.value
        data = read_leaf(leaf, self._types[index][1])
        context.check(lib.alpa_program_create_array(program.handle, index, data.__array_interface__["data"][0],
                                                   ctypes.byref(out)))
        return out.value

    def place_all(self, leaves):
        """Arrays of all leaves; those that lie in their places are themselves."""
        return [self.place_one(i, leaf) for i, leaf in enumerate(leaves)]

    def place_one(self, index, leaf):
        """The leaf as an array in the place of argument `index`."""
        expected = self._expected[index]
        if type(leaf) is Array and leaf._placement is expected:
            return leaf
        shape, _, _ = get_type(leaf)
        if shape != expected.shape:
            raise errors.InvalidArgumentError(f"argument {index} of '{self.executable.name}' has shape "
                                              f"{expected.shape}, this array has {shape}")
        with self.session.context.lock:
            return make_array(self.session, self.place_leaf(index, leaf), expected)
