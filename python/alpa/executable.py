"""An executable: one program, planned for the session's cluster and, when it is first called, compiled for this
machine."""
import collections
import ctypes
import dataclasses
import sys
import time

import numpy as np

from alpa import errors
from alpa._jax import jax
from alpa._library import DTYPES, PACKAGES, STATUS, header, lib, make
from alpa.call import Caller
from alpa.plan import ParallelPlan, PlacementSpec, StagePart
from alpa.session import global_config

#: what get_hlo_text of Alpa calls the forms
_HLO_STATUS = {"unoptimized": "input", "sharding_annotated": "sharded", "spmd_partitioned": "partitioned",
               "fully_optimized": "kernels"}


class Module:
    """An alpa_module; prescriptions are made on it before it is planned."""

    def __init__(self, session, text, name):
        self.session = session
        self.handle = ctypes.c_void_p()
        data = text.encode()
        options = make("alpa_module_parse_options", name=name)
        with session.context.lock:
            session.collect_garbage()
            session.context.check(lib.alpa_module_parse(session.context.handle, data, len(data),
                                                        ctypes.byref(options), ctypes.byref(self.handle)))

    def __del__(self):
        self.session.discard(lib.alpa_module_destroy, self.handle)

    def set_argument(self, mesh, index, sharding):
        """Prescribes how an argument is split, "a | - | ?"; mesh as "2x4" or "data=2,model=4"."""
        self._set(lib.alpa_module_set_argument_sharding, mesh, index, sharding)

    def set_result(self, mesh, index, sharding):
        """The same of a result."""
        self._set(lib.alpa_module_set_result_sharding, mesh, index, sharding)

    def set_batch(self, indices):
        """Says which arguments carry the batch."""
        numbers = (ctypes.c_uint32 * len(indices))(*indices)
        context = self.session.context
        with context.lock:
            context.check(lib.alpa_module_set_batch(self.handle, numbers, len(indices)))

    def set_argument_stage(self, index, stage):
        """Has what reads an argument run in a stage."""
        context = self.session.context
        with context.lock:
            context.check(lib.alpa_module_set_argument_stage(self.handle, index, stage))

    def _set(self, function, mesh, index, sharding):
        context = self.session.context
        with context.lock:
            context.check(function(self.handle, mesh.encode(), index, sharding.encode()))


class Plan:
    """An alpa_plan with what its handle says."""

    def __init__(self, module, options):
        self.session = module.session
        self.handle = ctypes.c_void_p()
        unknown = [name for name in options if not hasattr(header.structs["alpa_compile_options"], name)]
        if unknown:
            raise errors.UnsupportedError(
                f"this libalpa has no compile option '{unknown[0]}': pipelines and micro-batches need a later one")
        context = self.session.context
        with context.lock:
            context.check(lib.alpa_plan_create(module.handle, ctypes.byref(make("alpa_compile_options", **options)),
                                               ctypes.byref(self.handle)))
        self.info = make("alpa_plan_info")
        context.check(lib.alpa_plan_get_info(self.handle, ctypes.byref(self.info)))
        self.stages = self._read_stages()
        self.mesh = self.stages[0].mesh
        self.arguments = self._read(lib.alpa_plan_count_arguments, lib.alpa_plan_get_argument,
                                    lib.alpa_plan_get_argument_part)
        self.results = self._read(lib.alpa_plan_count_results, lib.alpa_plan_get_result,
                                  lib.alpa_plan_get_result_part)

    def __del__(self):
        self.session.discard(lib.alpa_plan_destroy, self.handle)

    @property
    def is_pipeline(self):
        """Whether the program is in stages."""
        return self.info.n_stages > 0

    def _read_stages(self):
        return [Stage(read_mesh(info.mesh.decode()), info.first_device, info.n_devices)
                for info in self._read_infos("alpa_stage_info", lib.alpa_plan_get_stage)]

    def _read_infos(self, name, get, *numbers):
        """All structures that a function gives, until it finds none."""
        found = []
        while True:
            info = make(name)
            status = get(self.handle, *numbers, len(found), ctypes.byref(info))
            if STATUS[status] == "not-found":
                return found
            self.session.context.check(status)
            found.append(info)

    def _read_parts(self, get_part, index, rank):
        return tuple(StagePart(info.stage, info.sharding.decode(), self.stages[info.stage].mesh,
                               self.stages[info.stage].first_device, *(read_dims(dims, rank) for dims in
                                                                       (info.start, info.dims, info.local_dims)))
                     for info in self._read_infos("alpa_part_info", get_part, index))

    def _read(self, count, get, get_part):
        tensors = []
        for i in range(count(self.handle)):
            info = make("alpa_tensor_info")
            self.session.context.check(get(self.handle, i, ctypes.byref(info)))
            parts = self._read_parts(get_part, i, info.rank)
            first = parts[0]
            tensors.append(PlacementSpec(info.name.decode(), DTYPES[info.dtype], read_dims(info.dims, info.rank),
                                         first.local_shape, first.text, first.mesh, first.first_device,
                                         info.donated_to, parts))
        return tensors

    def print(self, form, debug_info=False, elide=True):
        """The plan as text in one of its forms."""
        options = make("alpa_module_print_options", debug_info=debug_info, elide_elements=16 if elide else 0)
        context = self.session.context
        with context.lock:
            return context.collect(lib.alpa_plan_print_form, self.handle, form.encode(), ctypes.byref(options))

    def get_communications(self):
        """(kind, axes, where, bytes, count) of every collective, in program order."""
        with self.session.context.lock:
            return [(info.kind.decode(), info.axes.decode(), info.where.decode(), info.bytes, info.count)
                    for info in self._read_infos("alpa_communication_info", lib.alpa_plan_get_communication)]


class Program:
    """An alpa_program: a plan, compiled and loaded."""

    def __init__(self, plan):
        self.session = plan.session
        self.handle = ctypes.c_void_p()
        self.plan_devices = plan.info.n_devices
        devices = self.session.get_devices(self.plan_devices)
        context = self.session.context
        with context.lock:
            try:
                context.check(lib.alpa_program_create(plan.handle, devices, ctypes.byref(self.handle)))
            except errors.UnavailableError as error:  # the module that generates code, or LLVM behind it
                raise errors.UnavailableError(f"{error}\n{PACKAGES}", error.diagnostics) from None
        self.info = make("alpa_program_info")
        context.check(lib.alpa_program_get_info(self.handle, ctypes.byref(self.info)))

    def __del__(self):
        self.session.discard(lib.alpa_program_destroy, self.handle)


#: the part of the devices that a stage has, as a mesh of (name, size); a plan without stages is one
Stage = collections.namedtuple("Stage", "mesh first_device n_devices")


def read_mesh(text):
    """(("a", 2), ("b", 4)) from "a=2 x b=4"."""
    return tuple((name, int(size)) for name, size in (axis.split("=") for axis in text.split(" x ") if axis))


def read_dims(address, rank):
    """A tuple of the sizes at an address."""
    return tuple((ctypes.c_int64 * rank).from_address(address)) if rank else ()


class Progress:
    """Tells on stderr what takes time, where global_config.show_progress says so."""

    def __init__(self, name):
        self.name, self.start = name, time.perf_counter()

    def tell(self, message):
        """One line: the time since the last one, and what was done in it."""
        now = time.perf_counter()
        if global_config.show_progress:
            print(f"alpa: {self.name}: {message} ({now - self.start:.2f} s)", file=sys.stderr, flush=True)
        self.start = now


class MeshExecutable:
    """What `get_last_executable` returns: the plan of a function for one set of argument types, and its program."""

    def __init__(self, session, traced, types, signature, method, batch_argnums, progress):
        self.name = traced.name
        self.method = method
        self.batch_argnums = batch_argnums
        self.session = session
        self._traced = traced
        self._types = types
        self._progress = progress
        self.destination = None  # the executable whose leading arguments the results become
        self.state_leaves = signature.find_leaves(traced.donated)
        module = Module(session, traced.text, traced.name)
        options = {"cluster": session.cluster, "cache_directory": global_config.cache_directory}
        options.update(method.configure(module, self, signature))
        self.plan = Plan(module, {name: value for name, value in options.items() if value is not None})
        info = self.plan.info
        what = "slowest stage" if info.n_stages else "predicted step"
        predicted = f", {what} {1e3 * info.cost_s:.3g} ms" if info.searched else ""
        progress.tell(f"planned for {info.cluster.decode()}, mesh {info.mesh.decode()}"
                      f"{' from the cache' if info.from_cache else ''}{predicted}")
        self._program = self._caller = None
        self.step_times = collections.deque(maxlen=1000)

    # ---- what it is ----

    @property
    def out_tree(self):
        """The tree of its results."""
        return self._traced.out_tree

    @property
    def result_types(self):
        """(shape, dtype, weak_type) of its results."""
        return self._traced.results

    @property
    def argument_types(self):
        """(shape, dtype, weak_type) of its arguments, static ones left out."""
        return self._types

    def get_text(self, form="sharded"):
        """The program as text: "input" as JAX lowered it, "sharded" with a sharding on every value, "partitioned"
        into the program of one device with its collectives, or that as "kernels"."""
        if form == "input":
            return self._traced.text
        return self.plan.print(form)

    def get_hlo_text(self, status="fully_optimized"):
        """`get_text` by Alpa's names: unoptimized, sharding_annotated, spmd_partitioned, fully_optimized."""
        name = getattr(status, "name", status).lower()
        if name not in _HLO_STATUS:
            raise errors.InvalidArgumentError(f"status '{status}' is none of {', '.join(_HLO_STATUS)}")
        return self.get_text(_HLO_STATUS[name])

    def get_parallel_plan(self):
        """The plan, to be saved, edited and replayed (`plan_to_method`)."""
        return ParallelPlan(self.plan.print("sharded", debug_info=True, elide=False), self.session.cluster)

    def _get_tree(self, specs):
        return jax.tree_util.tree_unflatten(self.in_tree, specs)

    @property
    def in_tree(self):
        """The tree of its arguments, static ones left out: a tuple and a dictionary by name."""
        return self._traced._call[3].tree

    def get_input_placement_specs(self):
        """A PlacementSpec for every argument, in the tree of the arguments."""
        specs = [dataclasses.replace(spec, source=(self, i)) for i, spec in enumerate(self.plan.arguments)]
        args, kwargs = self._get_tree(specs)
        return (*args, kwargs) if kwargs else args

    def get_output_placement_specs(self):
        """A PlacementSpec for every result, in the tree of the results."""
        return jax.tree_util.tree_unflatten(self.out_tree, self.plan.results)

    # ---- figures ----

    def memory(self):
        """Bytes of one device, of a pipeline's stage that holds most: of arguments by the plan, of the predicted peak and its limit, and, once the program
        has been compiled, of its temporaries and of what the devices hold now and held at most."""
        info = self.plan.info
        state, inputs = self._count_held()
        figures = {"state": state, "inputs": inputs}
        if info.searched:
            figures.update(predicted_peak=info.memory_bytes, limit=info.memory_limit_bytes)
        if self._program is not None:
            figures["temporaries"] = self._program.info.temporary_bytes
            values = [ctypes.c_int64() for _ in range(3)]
            lib.alpa_devices_get_memory(self.session.get_devices(info.n_devices), *map(ctypes.byref, values))
            figures.update(arrays=values[1].value, peak=values[2].value)
        return figures

    def _count_held(self):
        """Bytes of state and of other arguments."""
        held = collections.defaultdict(lambda: [0, 0])
        for tensor in self.plan.arguments:
            for part in tensor.parts:
                held[part.first_device][tensor.donated_to < 0] += tensor.count_bytes(part)
        return max(held.values(), key=sum, default=(0, 0))

    def costs(self):
        """Times in seconds: what planning and compilation took, the predicted step with the proven bound on any
        plan's, the median of measured steps; of a pipeline of several micro-batches the simulated step, the part of the
        time in which devices wait, and the bytes sent between stages; and the communication of a step, (kind, axes,
        bytes, count, where)."""
        info = self.plan.info
        figures = {"planning": info.plan_s, "plan_from_cache": info.from_cache}
        if info.searched:
            figures.update(predicted=info.cost_s, bound=info.bound_s, optimal=info.optimal)
        if self._program is not None:
            figures["compilation"] = self._program.info.compile_s
            figures["n_kernels"] = self._program.info.n_kernels
        if self.step_times:
            figures["measured"] = float(np.median(self.step_times))
        if self.plan.is_pipeline:
            simulated = make("alpa_simulation_info")
            with self.session.context.lock:
                self.session.context.check(lib.alpa_plan_simulate(self.plan.handle, ctypes.byref(simulated)))
            if simulated.n_microbatches > 1:
                figures.update(pipeline=simulated.step_s, bubble=simulated.bubble, sent_bytes=simulated.sent_bytes)
        figures["communication"] = [(kind, axes, size, count, where)
                                    for kind, axes, where, size, count in self.plan.get_communications()]
        return figures

    def predict(self):
        """Seconds of a step, by the search's cost model.  A plan that was not searched is priced with its arguments and
        results where it has them, and what is between at its best."""
        if self.plan.info.searched:
            return self.plan.info.cost_s
        module = Module(self.session, self._traced.text, self.name)
        mesh = ",".join(f"{name}={size}" for name, size in self.plan.mesh)
        for i, spec in enumerate(self.plan.arguments):
            module.set_argument(mesh, i, spec.text)
        for i, spec in enumerate(self.plan.results):
            module.set_result(mesh, i, spec.text)
        options = {"cluster": self.plan.info.cluster.decode(), "cache_directory": global_config.cache_directory}
        return Plan(module, options).info.cost_s

    def get_execution_time_costs(self):
        """Seconds of the last steps, 1000 at most."""
        return list(self.step_times)

    def get_total_allocation_size(self):
        """Bytes of one device: arguments and temporaries."""
        figures = self.memory()
        return figures["state"] + figures["inputs"] + self.get_program().info.temporary_bytes

    def show(self):
        """The plan as a picture: a page with a drawing for every tensor.  A notebook shows it."""
        from alpa.show import PlanView
        return PlanView(self)

    def dump_debug_info(self, folder):
        """Writes all texts, the figures and the picture to a folder, which is made."""
        from alpa.show import dump
        dump(self, folder)

    def __repr__(self):
        info = self.plan.info
        return (f"MeshExecutable({self.name}, {info.cluster.decode()}, mesh {info.mesh.decode()}, "
                f"{len(self.plan.arguments)} arguments, {len(self.plan.results)} results)")

    # ---- running ----

    def get_program(self):
        """The compiled program; compiles at the first call."""
        if self._program is None:
            self._progress.start = time.perf_counter()
            self._program = Program(self.plan)
            info = self._program.info
            self._progress.tell(f"compiled {info.n_kernels} kernels{' from the cache' if info.from_cache else ''}")
        return self._program

    def get_caller(self):
        """What calls the program."""
        if self._caller is None:
            self._caller = Caller(self, self.get_program())
        return self._caller

    def run(self, leaves):
        """The results, as a list, of one call with these leaves, which become arrays in their places; None where some
        are of other types than the executable is for."""
        return (self._caller or self.get_caller()).run(leaves)

    def shard(self, leaves):
        """Arrays of all leaves in the places that the program wants; arrays that lie there are themselves."""
        return self.get_caller().place_all(leaves)

    def place_one(self, index, leaf):
        """The leaf as an array in the place of argument `index`."""
        return self.get_caller().place_one(index, leaf)
