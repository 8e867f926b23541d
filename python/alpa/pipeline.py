"""Pipelines: methods with stages, and what says of which layers and devices these are."""
import dataclasses
import math
from typing import Any, Optional

from alpa import errors
from alpa.method import (AutoShardingOption, ShardParallel, count_devices, find_divisor, mark_batch, prescribe_batch, refuse_option, resize,
                         write_shape)

SCHEDULES = {"1f1b": "1f1b", "gpipe": "gpipe", "inference": "inference", "interleaved-1f1b": "interleaved-1f1b",
             "zb-h1": "zb-h1", "zb-v": "zb-v"}
_REMAT = {"none": "none", "fine_grained_remat": "selective", "coarse_grained_remat": "full"}

# ---- layers ----


@dataclasses.dataclass
class AutoLayerOption:
    """Layers are found by the compiler; marks in the model (mark_pipeline_boundary) mean nothing.

    Args:
      layer_num: how many at most; None or "auto": as the compiler sees fit.
      remat_mode: "none"; "fine_grained_remat", what is cheap is computed again in the backward pass;
        "coarse_grained_remat", everything is.
    """
    layer_num: Any = None
    remat_mode: str = "none"
    eps: Optional[float] = None

    def __post_init__(self):
        if self.remat_mode not in _REMAT:
            raise errors.InvalidArgumentError(f"remat_mode '{self.remat_mode}' is none of {', '.join(_REMAT)}")
        if self.layer_num not in (None, "auto") and not (isinstance(self.layer_num, int) and self.layer_num > 0):
            raise errors.InvalidArgumentError(f"layer_num={self.layer_num!r} is no number above 0, nor 'auto'")
        if self.eps is not None:
            refuse_option(self, "eps", "layers are not balanced by a tolerance; leave it out")

    def configure(self):
        """Compile options by name."""
        return {"layers": self.layer_num if isinstance(self.layer_num, int) else None,
                "remat": _REMAT[self.remat_mode]}


@dataclasses.dataclass
class ManualLayerOption:
    """Layers that the user marks in the model: one ends where `mark_pipeline_boundary()` is called.

    Args:
      remat_layer: the backward pass computes again what is inside a layer.
    """
    remat_layer: bool = False

    def configure(self):
        """Compile options by name."""
        return {"remat": "layer" if self.remat_layer else "none"}


# ---- stages ----


@dataclasses.dataclass
class UniformStageOption:
    """Stages on equal parts of the devices.

    Args:
      num_stages: how many; None: as many as there are devices for with submesh_physical_shape, else two.
      submesh_physical_shape: (hosts, devices of each) that every stage has.
      submesh_logical_shape: the shape of each stage's mesh; None: one axis.
      submesh_autosharding_option: a dictionary of AutoShardingOption's fields, for all stages.
    """
    num_stages: Optional[int] = None
    submesh_physical_shape: Optional[tuple] = None
    submesh_logical_shape: Optional[tuple] = None
    submesh_autosharding_option: Optional[dict] = None

    def configure(self, n_devices, session):
        """Compile options by name."""
        del session
        n_stages, shape, physical = self.num_stages, self.submesh_logical_shape, self.submesh_physical_shape
        if n_stages is None:
            n_stages = n_devices // math.prod(physical) if physical else 2
        if n_stages < 1 or n_devices % n_stages:
            raise errors.InvalidArgumentError(f"{n_stages} stages cannot share {n_devices} devices equally")
        size = n_devices // n_stages
        for name, wanted in (("submesh_physical_shape", physical), ("submesh_logical_shape", shape)):
            if wanted and math.prod(wanted) != size:
                raise errors.InvalidArgumentError(
                    f"{name}={tuple(wanted)} are {math.prod(wanted)} devices, but each of {n_stages} stages has "
                    f"{size} of the {n_devices}")
        return {"stages": n_stages, "mesh": write_shape(shape or (size,))}

    def get_mesh(self, options):
        """The shape that the meshes of all stages have."""
        return options["mesh"]

    def limit(self, options, width):
        """Gives operators so many devices at most, where the stages' meshes are open."""
        if not self.submesh_logical_shape:
            size = int(options["mesh"])
            width = find_divisor(size, width)
            options["mesh"] = write_shape((size // width, width))

    def get_sharding_fields(self):
        """What overrides fields of the AutoShardingOption."""
        return self.submesh_autosharding_option or {}


@dataclasses.dataclass
class ManualStageOption:
    """Stages that the user forms of layers, and places on devices.

    Args:
      forward_stage_layer_ids: for every stage its layers, as [[0], [1, 2]]: all layers, in order.
      submesh_physical_shapes: for every stage (hosts, devices of each); None: as the logical shapes, else equal.
      submesh_logical_shapes: for every stage the shape of its mesh; None: one axis.
      submesh_autosharding_option_dicts: for every stage a dictionary of AutoShardingOption's fields; all equal.
    """
    forward_stage_layer_ids: Any = ()
    submesh_physical_shapes: Any = None
    submesh_logical_shapes: Any = None
    submesh_autosharding_option_dicts: Any = None

    def __post_init__(self):
        ids = [layer for layers in self.forward_stage_layer_ids for layer in layers]
        if not ids or ids != list(range(len(ids))) or not all(self.forward_stage_layer_ids):
            refuse_option(self, "forward_stage_layer_ids", "stages follow the order of the layers, each has at least "
                          "one and none is left out, as [[0], [1, 2]]")
        n = len(self.forward_stage_layer_ids)
        for name in ("submesh_physical_shapes", "submesh_logical_shapes", "submesh_autosharding_option_dicts"):
            if getattr(self, name) and len(getattr(self, name)) != n:
                raise errors.InvalidArgumentError(f"{name} are {len(getattr(self, name))}, the stages of "
                                                  f"forward_stage_layer_ids {n}")
        for i, (physical, logical) in enumerate(zip(self.submesh_physical_shapes or (),
                                                    self.submesh_logical_shapes or ())):
            if math.prod(physical) != math.prod(logical):
                raise errors.InvalidArgumentError(
                    f"stage {i} has {math.prod(physical)} devices by submesh_physical_shapes, {math.prod(logical)} by "
                    "submesh_logical_shapes")
        if any(fields != self.submesh_autosharding_option_dicts[0]
               for fields in self.submesh_autosharding_option_dicts or ()):
            refuse_option(self, "submesh_autosharding_option_dicts", "all stages are split by one AutoShardingOption, "
                          "give them equal ones")

    def _get_shapes(self, n_devices):
        n_stages = len(self.forward_stage_layer_ids)
        shapes = self.submesh_logical_shapes or [(math.prod(shape),) for shape in self.submesh_physical_shapes or ()]
        if not shapes and n_devices % n_stages:
            raise errors.InvalidArgumentError(f"{n_stages} stages cannot share {n_devices} devices equally: give "
                                              "submesh_physical_shapes")
        shapes = shapes or [(n_devices // n_stages,)] * n_stages
        used = sum(map(math.prod, shapes))
        if used > n_devices:
            raise errors.InvalidArgumentError(f"the stages have {used} devices together, there are {n_devices}")
        return [tuple(shape) for shape in shapes]

    def configure(self, n_devices, session):
        """Compile options by name."""
        del session
        return self._write(self._get_shapes(n_devices))

    def _write(self, shapes):
        stages = zip(self.forward_stage_layer_ids, shapes)
        return {"stage_options": "plan=" + ",".join(f"{len(ids)}:{write_shape(shape)}" for ids, shape in stages)}

    def get_mesh(self, options):
        """The shape that the meshes of all stages have, or None."""
        shapes = {stage.split(":")[1] for stage in options["stage_options"][len("plan="):].split(",")}
        return shapes.pop() if len(shapes) == 1 else None

    def limit(self, options, width):
        """Gives operators so many devices at most, where the stages' meshes are open."""
        if not self.submesh_logical_shapes:
            sizes = [int(stage.split(":")[1]) for stage in options["stage_options"][len("plan="):].split(",")]
            widths = [find_divisor(size, width) for size in sizes]
            options.update(self._write([(size // width, width) for size, width in zip(sizes, widths)]))

    def get_sharding_fields(self):
        """What overrides fields of the AutoShardingOption."""
        return (self.submesh_autosharding_option_dicts or [{}])[0]


_LOGICAL = {"all": "", "single_node_model_parallel": "", "data_parallel_only": " axis=1",
            "model_parallel_only": " replicas=1"}


@dataclasses.dataclass
class AutoStageOption:
    """Stages, their devices, their meshes and what is computed again are found by the compiler, which prices all of them
    with its cost model: nothing is run for that.

    Args:
      submesh_physical_shape_space: how many devices a stage may have: "power_of_two" of a host or of hosts,
        "small_power_of_two", of four hosts at most, "all", or "manual".
      manually_specified_submeshes: for "manual", the shapes (hosts, devices of each).
      submesh_logical_shape_space: "single_node_model_parallel": operators are split within a host; "all" is the same;
        "data_parallel_only"; "model_parallel_only".
      layer_profile_mode: "composition" or "individual", which are the same: layers are priced alone, with what
        stages exchange.
      stage_imbalance_tolerance: by which factor less one a stage's share of the devices and its share of the work may
        differ; infinite: by any.
      num_stages: how many; None: any number.
    """
    submesh_physical_shape_space: str = "power_of_two"
    manually_specified_submeshes: Any = None
    submesh_logical_shape_space: str = "single_node_model_parallel"
    layer_profile_mode: str = "composition"
    stage_imbalance_tolerance: float = math.inf
    use_hlo_cost_model: bool = True
    profiling_database_filename: Optional[str] = None
    cached_profile_result: Optional[str] = None
    num_stages: Optional[int] = None

    def __post_init__(self):
        if self.submesh_physical_shape_space not in ("power_of_two", "small_power_of_two", "all", "manual"):
            refuse_option(self, "submesh_physical_shape_space", "it is none of power_of_two, small_power_of_two, all, "
                          "manual")
        if (self.submesh_physical_shape_space == "manual") != bool(self.manually_specified_submeshes):
            refuse_option(self, "manually_specified_submeshes", "they belong to submesh_physical_shape_space='manual'")
        if self.submesh_logical_shape_space not in _LOGICAL:
            refuse_option(self, "submesh_logical_shape_space", f"it is none of {', '.join(_LOGICAL)}")
        if self.layer_profile_mode not in ("composition", "individual"):
            refuse_option(self, "layer_profile_mode", "it is none of composition, individual")
        if not self.stage_imbalance_tolerance >= 0:
            refuse_option(self, "stage_imbalance_tolerance", "it is a number from 0")
        if not self.use_hlo_cost_model:
            refuse_option(self, "use_hlo_cost_model", "stages are priced by a cost model and not run; 'alpa calibrate' "
                          "measures this machine for it")
        for name in ("profiling_database_filename", "cached_profile_result"):
            if getattr(self, name) is not None:
                refuse_option(self, name, "what devices and links do stands in the cluster's JSON file: "
                              "alpa.init(cluster='file.json')")

    def _list_sizes(self, n_devices, per_host):
        """Numbers of devices that a stage may have; None: any."""
        if self.submesh_physical_shape_space == "all":
            return None
        if self.submesh_physical_shape_space == "manual":
            return sorted(set(map(math.prod, self.manually_specified_submeshes)))
        n_hosts = max(1, n_devices // per_host)
        if self.submesh_physical_shape_space == "small_power_of_two":
            n_hosts = min(n_hosts, 4)
        sizes = [1 << i for i in range(per_host.bit_length()) if 1 << i < per_host]
        return sizes + [per_host << i for i in range(n_hosts.bit_length()) if 1 << i <= n_hosts]

    def configure(self, n_devices, session):
        """Compile options by name."""
        sizes = self._list_sizes(n_devices, min(n_devices, session.devices_per_host))
        options = "devices=" + ",".join(map(str, sizes)) if sizes else ""
        if self.stage_imbalance_tolerance != math.inf:
            options += f" imbalance={self.stage_imbalance_tolerance}"
        return {"method": "pipeline", "stages": self.num_stages,
                "stage_options": (options + _LOGICAL[self.submesh_logical_shape_space]).strip() or None}

    def limit(self, options, width):
        """Gives operators so many devices at most."""
        options["stage_options"] = f"{options['stage_options'] or ''} most-axis={width}".strip()

    def get_sharding_fields(self):
        """What overrides fields of the AutoShardingOption."""
        return {}


# ---- methods ----


_BY_NAME = {"manual": ManualLayerOption, "auto": AutoLayerOption}
_STAGES_BY_NAME = {"auto": AutoStageOption, "uniform": UniformStageOption}


def _choose(option, names, default, what):
    """An option given as an object, by its name, or not at all."""
    if option is None:
        return default
    if isinstance(option, str):
        if option not in names:
            raise errors.InvalidArgumentError(f"{what}='{option}' is none of {', '.join(names)}")
        return names[option]()
    return option


class PipeshardParallel(ShardParallel):
    """Stages of layers on parts of the devices, which work on micro-batches in turn; within a stage, tensors are split
    as by ShardParallel.

    Args:
      devices: None, all of the cluster, or a number.
      num_micro_batches: in how many parts the batch goes through the pipeline; None: the search of stages finds it.
      default_auto_sharding_option: an AutoShardingOption for all stages.
      pipeline_schedule: "1f1b", "gpipe", "inference", "interleaved-1f1b", "zb-h1" or "zb-v".
      layer_option: "manual" or a ManualLayerOption, "auto" or an AutoLayerOption; None: layers are those that the model
        marks (mark_pipeline_boundary), and found where it marks none.
      stage_option: "auto" or an AutoStageOption, "uniform" or a UniformStageOption, or a ManualStageOption.
      local_statistics: statistics of the batch, of a batch norm say, may be those of each micro-batch.
    """

    def __init__(self, devices=None, num_micro_batches=1, default_auto_sharding_option=None, pipeline_schedule="1f1b",
                 layer_option=None, stage_option=None, stage_input_shardings=None, manual_sharding_option=None,
                 local_statistics=False):
        super().__init__(devices, num_micro_batches, default_auto_sharding_option, None, local_statistics)
        if pipeline_schedule not in SCHEDULES:
            raise errors.UnsupportedError(f"the schedule '{pipeline_schedule}' is none of {', '.join(SCHEDULES)}")
        if stage_input_shardings is not None or manual_sharding_option is not None:
            raise errors.UnsupportedError("PipeshardParallel: what goes into a stage is not split by hand")
        self.pipeline_schedule = pipeline_schedule
        self.layer_option = _choose(layer_option, _BY_NAME, None, "layer_option")
        self.stage_option = _choose(stage_option, _STAGES_BY_NAME, UniformStageOption(), "stage_option")
        if num_micro_batches is None and not isinstance(self.stage_option, AutoStageOption):
            raise errors.InvalidArgumentError("num_micro_batches=None: only the search of stages (AutoStageOption) finds "
                                              "how many micro-batches are best")
        self.auto_sharding_option = dataclasses.replace(self.auto_sharding_option,
                                                        **self.stage_option.get_sharding_fields())

    @property
    def keeps_boundaries(self):
        """Whether marks of the model are boundaries of layers."""
        return not isinstance(self.layer_option, AutoLayerOption)

    @property
    def needs_boundaries(self):
        """Whether the model must mark some."""
        return isinstance(self.layer_option, ManualLayerOption)

    def configure(self, module, executable, signature):
        n, _ = count_devices(self.devices, executable.session)
        option = self.auto_sharding_option
        options = {"cluster": resize(executable.session, n), "method": option.get_method(),
                   "memory_gib": option.memory_gib, "micro_batches": self.num_micro_batches,
                   "schedule": SCHEDULES[self.pipeline_schedule], "local_statistics": self.local_statistics,
                   "remat": "none"}
        if self.layer_option:
            options.update(self.layer_option.configure())
        if isinstance(self.stage_option, AutoStageOption):
            self._check_search(option)
            options.update(remat="auto" if not self.layer_option else options["remat"])
        mark_batch(module, executable, signature)
        options.update(self.stage_option.configure(n, executable.session))
        if option.max_tensor_parallel:
            self.stage_option.limit(options, option.max_tensor_parallel)
        is_searched = isinstance(self.stage_option, AutoStageOption)
        if option.force_batch_dim_to_mesh_dim is not None or (option.max_tensor_parallel and not is_searched):
            self._force_batch(module, executable, signature, options)
        return options

    def _force_batch(self, module, executable, signature, options):
        """Splits the batch along one axis of the meshes of the stages."""
        mesh = self.stage_option.get_mesh(options)
        if mesh is None:
            raise errors.UnsupportedError("the batch can be forced to an axis only where all stages have meshes of one "
                                          "shape")
        prescribe_batch(module, executable, signature, mesh, self.auto_sharding_option.force_batch_dim_to_mesh_dim or 0)

    def _check_search(self, option):
        if option.get_method() != "auto" or option.force_batch_dim_to_mesh_dim is not None:
            raise errors.UnsupportedError("AutoStageOption searches how stages are split, too: leave the "
                                          "AutoShardingOption alone, or say submesh_logical_shape_space='data_parallel_only'")


class LocalPipelineParallel(PipeshardParallel):
    """A pipeline for tests: its stages on devices of this machine, in order (the schedule gpipe)."""

    def __init__(self, devices=None, num_micro_batches=1, layer_option=None, stage_option=None):
        super().__init__(devices, num_micro_batches, None, "gpipe", layer_option, stage_option)


def get_3d_parallel_method(num_micro_batches, data_parallel=-1, operator_parallel=1, pipeline_parallel=1,
                           allow_degenerate_into_shard_parallel=True, manual_layer_num=None,
                           manual_sharding_option=None):
    """The method of so many copies, so many devices to an operator and so many stages, as people configure Megatron.

    Args:
      num_micro_batches: in how many parts the batch is.
      data_parallel: how many parts of the batch are worked on at once; -1: as many as there are devices for.
      operator_parallel: over how many devices an operator is split.
      pipeline_parallel: how many stages.
      allow_degenerate_into_shard_parallel: one stage is ShardParallel.
      manual_layer_num: the model marks so many layers (mark_pipeline_boundary), equally many for each stage.
      manual_sharding_option: a ManualShardingOption, with one stage.
    """
    from alpa.session import get_session
    n = get_session().n_devices
    if data_parallel == -1:
        data_parallel = n // (operator_parallel * pipeline_parallel)
    if data_parallel * operator_parallel * pipeline_parallel != n:
        raise errors.InvalidArgumentError(
            f"{data_parallel} x {operator_parallel} x {pipeline_parallel} devices are not the {n} of the cluster")
    shape = (data_parallel, operator_parallel)
    if pipeline_parallel == 1 and allow_degenerate_into_shard_parallel:
        option = None if manual_sharding_option else AutoShardingOption(force_batch_dim_to_mesh_dim=0)
        return ShardParallel(shape, num_micro_batches, option, manual_sharding_option)
    stages, layers = UniformStageOption(pipeline_parallel, None, shape), None
    if manual_layer_num:
        if manual_layer_num % pipeline_parallel:
            raise errors.InvalidArgumentError(f"{manual_layer_num} layers are not equally many for each of "
                                              f"{pipeline_parallel} stages")
        each, layers = manual_layer_num // pipeline_parallel, ManualLayerOption()
        stages = ManualStageOption([list(range(i * each, i * each + each)) for i in range(pipeline_parallel)], None,
                                   [shape] * pipeline_parallel)
    return PipeshardParallel(None, num_micro_batches, AutoShardingOption(force_batch_dim_to_mesh_dim=0),
                             layer_option=layers, stage_option=stages, manual_sharding_option=manual_sharding_option)
