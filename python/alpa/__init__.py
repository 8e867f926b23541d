"""alpa: train steps written for one device, on all devices.

    import alpa

    @alpa.parallelize
    def train_step(state, batch): ...
"""
from alpa.errors import *  # noqa: F401,F403
from alpa import errors
from alpa._library import get_include
from alpa.api import (ParallelizedFunc, clear_executable_cache, get_last_executable, grad, parallelize, value_and_grad)
from alpa.array import Array
from alpa.checkpoint import restore_checkpoint, save_checkpoint
from alpa.data_loader import DataLoader, MeshDriverDataLoader
from alpa.executable import MeshExecutable
from alpa.method import (AutoLayerOption, AutoShardingOption, AutoStageOption, CreateStateParallel, DataParallel,
                         FollowParallel, LocalPipelineParallel, ManualLayerOption, ManualShardingOption,
                         ManualStageOption, ParallelMethod, PipeshardParallel, ShardParallel, UniformStageOption,
                         Zero2Parallel, Zero3Parallel, get_3d_parallel_method, mark_pipeline_boundary, plan_to_method)
from alpa.plan import ParallelPlan, PlacementSpec
from alpa.session import get_global_num_devices, global_config, init, shutdown

__version__ = "0.1.0"
