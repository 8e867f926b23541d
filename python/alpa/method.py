"""Methods: how `parallelize` finds a plan.  Names and arguments are Alpa's; each becomes compile options of libalpa and
prescriptions on arguments and results."""
import dataclasses
from typing import Any, Optional

from alpa import errors
from alpa._jax import jax

PartitionSpec = jax.sharding.PartitionSpec


def refuse_option_value(where, name, value, reason):
    """Raises, for a value of an option that this version cannot have."""
    raise errors.UnsupportedError(f"{where}({name}={value!r}): {reason}")


def refuse_option(options, name, reason):
    """The same for a field of an option."""
    refuse_option_value(type(options).__name__, name, getattr(options, name), reason)


@dataclasses.dataclass
class AutoShardingOption:
    """What the search for shardings may do.

    Args:
      enable_auto_sharding: False completes what annotations and prescriptions say, without a search.
      force_batch_dim_to_mesh_dim: the axis of the mesh along which the batch is split.
      force_data_parallel: the batch is split over all devices, weights are on every device.
      prefer_reduce_scatter: with force_data_parallel, optimizer state and gradients are split too (ZeRO-2); the search
        considers that anyway.
      force_zero_stage_3: weights are split too.
      force_simple_heuristic: "shard-largest" splits every argument along its largest dimension.
      max_tensor_parallel: a hint: the batch is split over the first axis of a mesh whose second one, which is for
        everything else, has so many devices at most.
      memory_gib: what a device may use; None: what the cluster says.
    """
    enable_auto_sharding: bool = True
    allow_all_gather: bool = True
    allow_all_to_all: bool = True
    allow_replicated_parameters: bool = True
    force_data_parallel: bool = False
    force_batch_dim_to_mesh_dim: Optional[int] = None
    force_zero_stage_3: bool = False
    force_zero_stage_3_all_gather_threshold: int = 1 << 25
    prefer_reduce_scatter: bool = False
    allow_mixed_mesh_shape: bool = False
    allow_recompute_heavy_op: bool = False
    force_simple_heuristic: str = ""
    all_reduce_threshold: int = 1 << 60
    max_tensor_parallel: Optional[int] = None
    memory_gib: Optional[float] = None

    def __post_init__(self):
        for name in ("allow_all_gather", "allow_all_to_all", "allow_replicated_parameters"):
            if not getattr(self, name):
                refuse_option(self, name, "the search cannot be kept from it; force_data_parallel or a "
                        "ManualShardingOption decide instead")
        for name in ("all_reduce_threshold", "force_zero_stage_3_all_gather_threshold"):
            if getattr(self, name) != type(self).__dataclass_fields__[name].default:
                refuse_option(self, name, "collectives are not combined by size; leave the default")
        if self.force_simple_heuristic not in ("", "shard-largest"):
            refuse_option(self, "force_simple_heuristic", "only 'shard-largest' is known")

    def get_method(self):
        """libalpa's name for it."""
        if self.force_zero_stage_3:
            return "zero-3"
        if self.force_data_parallel:
            return "zero-2" if self.prefer_reduce_scatter else "data"
        if self.force_simple_heuristic:
            return "largest"
        return "auto" if self.enable_auto_sharding else "given"


@dataclasses.dataclass
class ManualShardingOption:
    """Shardings that the user prescribes, as PartitionSpecs over named axes.

    Args:
      mesh_axis_names: a name for every axis of the mesh.
      in_axis_resources: for the arguments, a tree prefix of PartitionSpecs; None leaves what is under it to the search.
      out_axis_resources: the same for the results.
    """
    mesh_axis_names: tuple = ()
    submesh_axis_names: Optional[tuple] = None
    in_axis_resources: Any = None
    out_axis_resources: Any = None
    pipeline_intermediate_axes: Any = None

    def __post_init__(self):
        for name in ("submesh_axis_names", "pipeline_intermediate_axes"):
            if getattr(self, name) is not None:
                refuse_option(self, name, "stages cannot be split by hand yet")


class ParallelMethod:
    """What all methods are: `configure` says how a program is planned."""
    keeps_boundaries = needs_boundaries = False

    def configure(self, module, executable, signature):
        """Prescribes on the module, and returns compile options by name."""
        raise NotImplementedError


def count_devices(devices, session):
    """(number, shape or None) of what `devices` means: None is all of the cluster, else a number, a shape, or something
    that has a shape."""
    shape = getattr(devices, "shape", devices)
    if isinstance(shape, int):
        shape = (shape,)
    if shape is None:
        return session.n_devices, None
    n = 1
    for size in shape:
        n *= size
    if n > session.n_devices or n < 1:
        raise errors.InvalidArgumentError(
            f"{n} devices are asked for, the cluster '{session.cluster}' has {session.n_devices}: "
            f"alpa.init(cluster='host:{n}') runs {n} devices on this machine")
    return n, tuple(shape) if len(shape) > 1 else None


def resize(session, n):
    """The cluster as libalpa reads it, with n of its devices."""
    if n == session.n_devices:
        return session.cluster
    if session.is_host:
        return f"host:{n}"
    if n % session.devices_per_host == 0 and ":" in session.cluster:
        return f"{session.cluster.split(':')[0]}:{n // session.devices_per_host}"
    raise errors.InvalidArgumentError(f"{n} devices are no whole hosts of the cluster '{session.cluster}', which have "
                                      f"{session.devices_per_host} devices each")


def find_divisor(n, most):
    """The largest number up to `most` that divides n."""
    return max(d for d in range(1, most + 1) if n % d == 0)


def write_shape(shape):
    """(2, 4) as libalpa reads it."""
    return "x".join(map(str, shape)) if shape else None


class ShardParallel(ParallelMethod):
    """Splits tensors over the devices (intra-operator parallelism); the search is over all shardings.

    Args:
      devices: None, all of the cluster; a number; or the shape of the logical mesh, as (2, 4).
      num_micro_batches: in how many parts a step accumulates gradients.
      auto_sharding_option: an AutoShardingOption.
      manual_sharding_option: a ManualShardingOption; what it leaves open is searched.
      local_statistics: statistics of the batch, of a batch norm say, may be those of each micro-batch.
    """

    def __init__(self, devices=None, num_micro_batches=None, auto_sharding_option=None, manual_sharding_option=None,
                 local_statistics=False):
        self.devices = devices
        self.num_micro_batches = num_micro_batches
        self.auto_sharding_option = auto_sharding_option or AutoShardingOption()
        self.manual_sharding_option = manual_sharding_option
        self.local_statistics = local_statistics

    def configure(self, module, executable, signature):
        option = self.auto_sharding_option
        n, shape = count_devices(self.devices, executable.session)
        if option.max_tensor_parallel:
            width = find_divisor(n, option.max_tensor_parallel)
            shape = (n // width, width)
        options = {"cluster": resize(executable.session, n), "mesh": write_shape(shape),
                   "method": option.get_method(), "memory_gib": option.memory_gib}
        if self.num_micro_batches and self.num_micro_batches > 1:
            options.update(micro_batches=self.num_micro_batches, local_statistics=self.local_statistics)
            mark_batch(module, executable, signature)
        mesh = write_shape(shape) or str(n)
        if self.manual_sharding_option:
            prescribe_specs(module, executable, signature, self.manual_sharding_option, shape or (n,))
        elif option.max_tensor_parallel or option.force_batch_dim_to_mesh_dim is not None:
            prescribe_batch(module, executable, signature, mesh, option.force_batch_dim_to_mesh_dim or 0)
        if options["method"] in ("data", "zero-2", "zero-3"):
            prescribe_others(module, executable, signature, mesh)
        return options


def _get_dims(executable, leaf):
    """The rank of argument `leaf` as libalpa sees it: a PRNG key has one dimension more."""
    shape, dtype, _ = executable.argument_types[leaf]
    return len(shape) + (1 if jax.dtypes.issubdtype(dtype, jax.dtypes.prng_key) else 0)


def find_batch(executable, signature):
    """The leaves that carry the batch: those of batch_argnums, and of arguments behind them what has as many rows."""
    given = [leaf for leaf in signature.find_leaves(executable.batch_argnums)
             if _get_dims(executable, leaf) and leaf not in executable.state_leaves]
    sizes = {executable.argument_types[leaf][0][:1] for leaf in given}
    behind = [leaf for leaf in range(max(given, default=0) + 1, len(executable.argument_types))
              if executable.argument_types[leaf][0][:1] in sizes and leaf not in executable.state_leaves]
    return given + behind


def mark_batch(module, executable, signature):
    """Says what the batch is, where it is among batch_argnums."""
    found = find_batch(executable, signature)
    if found:
        module.set_batch(found)


def prescribe_batch(module, executable, signature, mesh, axis):
    """Splits dimension 0 of the batch along one axis."""
    name = "abcdefghijklmnop"[axis]
    for leaf in signature.find_leaves(executable.batch_argnums):
        rank = _get_dims(executable, leaf)
        if rank and leaf not in executable.state_leaves:
            module.set_argument(mesh, leaf, " | ".join([name] + ["?"] * (rank - 1)))


def prescribe_others(module, executable, signature, mesh):
    """What is neither state nor batch is on every device: methods by rule take it for a batch otherwise."""
    known = set(executable.state_leaves) | set(signature.find_leaves(executable.batch_argnums))
    for leaf in range(len(executable.argument_types)):
        rank = _get_dims(executable, leaf)
        if leaf not in known and rank:
            module.set_argument(mesh, leaf, " | ".join(["-"] * rank))


def write_spec(spec, rank, where):
    """A PartitionSpec as libalpa reads it."""
    if len(spec) > rank:
        raise errors.InvalidArgumentError(f"{where} has {rank} dimensions, its {spec} has {len(spec)}")
    parts = list(spec) + [None] * (rank - len(spec))
    return " | ".join("-" if not p else p if isinstance(p, str) else ",".join(p) for p in parts)


def _broadcast(prefix, tree):
    """One PartitionSpec or None for every leaf of the tree."""
    is_leaf = lambda x: x is None or isinstance(x, PartitionSpec)  # noqa: E731
    found = []
    try:
        jax.tree_util.tree_map(lambda spec, under: found.extend([spec] * jax.tree_util.tree_structure(under).num_leaves),
                               prefix, tree, is_leaf=is_leaf)
    except ValueError as error:
        raise errors.InvalidArgumentError(f"the PartitionSpecs are no prefix of the tree that they are for: {error}"
                                          ) from error
    return found


def prescribe_specs(module, executable, signature, option, shape):
    """Writes a ManualShardingOption on the module."""
    if len(option.mesh_axis_names) != len(shape):
        raise errors.InvalidArgumentError(
            f"ManualShardingOption names {len(option.mesh_axis_names)} axes {tuple(option.mesh_axis_names)}, the mesh "
            f"{shape} has {len(shape)}: pass devices=(...) to the method")
    mesh = ",".join(f"{name}={size}" for name, size in zip(option.mesh_axis_names, shape))
    leaves = list(range(len(executable.argument_types)))
    args, _ = jax.tree_util.tree_unflatten(signature.tree, leaves)
    specs = option.in_axis_resources
    specs = _broadcast(specs, args) if specs is not None else []
    for leaf, spec in zip(jax.tree_util.tree_leaves(args), specs):
        if spec is not None:
            where = f"argument {leaf}"
            module.set_argument(mesh, leaf, write_spec(spec, _get_dims(executable, leaf), where))
    if option.out_axis_resources is not None:
        ranks = [len(shape) for shape, _, _ in executable.result_types]
        tree = jax.tree_util.tree_unflatten(executable.out_tree, ranks)
        for i, spec in enumerate(_broadcast(option.out_axis_resources, tree)):
            if spec is not None:
                module.set_result(mesh, i, write_spec(spec, ranks[i], f"result {i}"))


class DataParallel(ShardParallel):
    """The batch is split, everything else is on every device."""

    def __init__(self, devices=None, num_micro_batches=None):
        super().__init__(devices, num_micro_batches, AutoShardingOption(force_data_parallel=True))


class Zero2Parallel(ShardParallel):
    """Data parallel, with gradients and optimizer state split (ZeRO-2)."""

    def __init__(self, devices=None, num_micro_batches=None):
        super().__init__(devices, num_micro_batches,
                         AutoShardingOption(force_data_parallel=True, prefer_reduce_scatter=True))


class Zero3Parallel(ShardParallel):
    """Data parallel, with weights, gradients and optimizer state split (ZeRO-3)."""

    def __init__(self, devices=None, num_micro_batches=None):
        super().__init__(devices, num_micro_batches, AutoShardingOption(force_zero_stage_3=True))


class PlanReplay(ParallelMethod):
    """Runs a plan that was saved; made by `plan_to_method`."""

    def __init__(self, plan):
        self.plan = plan

    def configure(self, module, executable, signature):
        from alpa.executable import Module, Plan
        session = executable.session
        given = Module(session, self.plan.text, "plan")
        planned = Plan(given, {"cluster": session.cluster, "method": "given"})
        traced = Plan(module, {"cluster": session.cluster, "method": "data"})
        for kind in ("arguments", "results"):
            wanted = [(t.dtype, t.shape) for t in getattr(traced, kind)]
            found = [(t.dtype, t.shape) for t in getattr(planned, kind)]
            if wanted != found:
                i = next((i for i, pair in enumerate(zip(wanted, found)) if pair[0] != pair[1]),
                         min(len(wanted), len(found)))
                raise errors.InvalidArgumentError(
                    f"the plan is of another program than '{executable.name}': {kind[:-1]} {i} differs "
                    f"({len(found)} {kind} in the plan, {len(wanted)} in the function)")
        module.handle, given.handle = given.handle, module.handle
        return {"method": "given"}


def plan_to_method(plan):
    """A method that replays a ParallelPlan without a search."""
    return PlanReplay(plan)


class CreateStateParallel(ParallelMethod):
    """For a function that creates the state of a train step: the state is made where the train step wants it.  Where that
    is a pipeline, it is made split over all devices, and moved to its stages tensor by tensor.

    Args:
      train_step: the parallelized function whose first argument the state is.
      other_args: the arguments of the train step after the state.
    """

    def __init__(self, train_step, other_args):
        self.train_step = train_step
        self.other_args = tuple(other_args)

    def configure(self, module, executable, signature):
        shapes = [jax.ShapeDtypeStruct(shape, dtype, weak_type=weak) for shape, dtype, weak in executable.result_types]
        state = jax.tree_util.tree_unflatten(executable.out_tree, shapes)
        target = self.train_step.get_executable(state, *self.other_args)
        plan = target.plan
        options = {"cluster": plan.info.cluster.decode()}
        if plan.is_pipeline:
            executable.destination = target
            for i, (shape, _, _) in enumerate(executable.result_types):
                spread(module, i, shape, plan.info.n_devices)
            return options
        mesh = _write_mesh(plan.mesh)
        for i, tensor in enumerate(plan.arguments[:len(shapes)]):
            module.set_result(mesh, i, tensor.text)
        return {**options, "mesh": "x".join(str(n) for _, n in plan.mesh)}


def spread(module, index, shape, n):
    """Splits a result along its first dimension that n devices can share equally."""
    dims = ["-"] * len(shape)
    split = next((d for d, size in enumerate(shape) if size % n == 0 and size > 0), None)
    if split is not None and n > 1:
        dims[split] = "a"
        module.set_result(str(n), index, " | ".join(dims))


class FollowParallel(ParallelMethod):
    """For a function that takes arguments of another one, an evaluation step say: those of equal tree, type and
    position lie where the other one has them.  If that is a pipeline, so is this one: what reads an argument runs on its
    stage.

    Args:
      src_func: the parallelized function to follow; it must have been called or planned.
      num_micro_batches: in how many parts the batch goes through a pipeline.
      get_input_placement_specs: instead of src_func, a function that returns PlacementSpecs for the leading arguments.
      pipeline_schedule: what runs when in a pipeline.
    """

    def __init__(self, src_func=None, num_micro_batches=None, get_input_placement_specs=None,
                 pipeline_schedule="inference", layer_option="follow"):
        if layer_option != "follow":
            refuse_option_value("FollowParallel", "layer_option", layer_option, "layers follow the other function's")
        self.src_func = src_func
        self.get_specs = get_input_placement_specs
        self.num_micro_batches = num_micro_batches or 1
        self.pipeline_schedule = pipeline_schedule

    def configure(self, module, executable, signature):
        if self.get_specs:
            specs = jax.tree_util.tree_leaves(self.get_specs(), is_leaf=lambda x: hasattr(x, "partition_spec"))
        else:
            source = self.src_func.get_last_executable()
            if source is None:
                raise errors.InvalidArgumentError(
                    f"'{self.src_func.__name__}' has no plan to follow yet: call it once, or use get_executable")
            specs = source.plan.arguments
            if source.plan.is_pipeline:
                return self._follow_stages(module, executable, signature, source.plan)
        if self.num_micro_batches > 1:
            raise errors.UnsupportedError("FollowParallel takes the batch in micro-batches only through a pipeline")
        mesh = specs[0].mesh if specs else ()
        for i, spec in find_followed(module, executable, signature, specs):
            module.set_argument(_write_mesh(mesh), i, spec.text)
        return {"mesh": "x".join(str(n) for _, n in mesh) or None}

    def _follow_stages(self, module, executable, signature, plan):
        mark_batch(module, executable, signature)
        meshes = [stage.mesh for stage in plan.stages]
        shapes = [write_shape([size for _, size in mesh] or [1]) for mesh in meshes]
        for i, spec in find_followed(module, executable, signature, plan.arguments):
            if len(spec.parts) == 1:
                module.set_argument_stage(i, spec.parts[0].stage)
                if len(set(meshes)) == 1 and meshes[0]:
                    module.set_argument(_write_mesh(meshes[0]), i, spec.text)
        return {"cluster": plan.info.cluster.decode(), "micro_batches": self.num_micro_batches,
                "schedule": self.pipeline_schedule, "remat": "none",
                "stage_options": "plan=" + ",".join(f"*:{shape}" for shape in shapes)}


def find_followed(module, executable, signature, specs):
    """(index, spec) of the arguments that have one of the specs' names and types, or their position and type."""
    by_name = {(_strip(s.name), s.dtype, s.shape): s for s in specs}
    batch = signature.find_leaves(executable.batch_argnums)
    for i, (name, dtype, shape) in enumerate(read_arguments(module)):
        found = by_name.get((_strip(name), dtype, shape))
        if found is None and i < len(specs) and (specs[i].dtype, specs[i].shape) == (dtype, shape):
            found = specs[i]
        if found is not None and i not in batch:
            yield i, found


def _strip(name):
    """A name without the variable it hangs on: state.params['w'] as params['w']."""
    cut = min((name.find(c) for c in ".[" if c in name), default=len(name))
    return name[cut:].lstrip(".")


def read_arguments(module):
    """(name, dtype, shape) of the arguments of a module that is not planned yet."""
    from alpa.executable import Plan
    plan = Plan(module, {"cluster": "host:1", "method": "data"})
    return [(t.name, t.dtype, t.shape) for t in plan.arguments]


def _write_mesh(mesh):
    return ",".join(f"{name}={size}" for name, size in mesh)
