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
from alpa.boundary import mark_pipeline_boundary
from alpa.checkpoint import restore_checkpoint, save_checkpoint
from alpa.data_loader import DataLoader, MeshDriverDataLoader
from alpa.executable import MeshExecutable
from alpa.method import (AutoShardingOption, CreateStateParallel, DataParallel, FollowParallel, ManualShardingOption,
                         ParallelMethod, ShardParallel, Zero2Parallel, Zero3Parallel, plan_to_method)
from alpa.pipeline import (AutoLayerOption, AutoStageOption, LocalPipelineParallel, ManualLayerOption,
                           ManualStageOption, PipeshardParallel, UniformStageOption, get_3d_parallel_method)
from alpa.plan import ParallelPlan, PlacementSpec
from alpa.session import get_global_num_devices, global_config, init, shutdown

__version__ = "0.1.0"
