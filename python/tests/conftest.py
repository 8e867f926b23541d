"""Tests run on host devices, with a plan cache of their own."""
import os
import pathlib
import sys

os.environ.setdefault("JAX_PLATFORMS", "cpu")
# what results are compared with runs ten times: compiling it well takes longer
os.environ.setdefault("XLA_FLAGS", "--xla_backend_optimization_level=0 --xla_llvm_disable_expensive_passes=true")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "examples/jax"))

import pytest  # noqa: E402

import alpa  # noqa: E402


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """The directory of the plan cache, where only its owner may write."""
    directory = tmp_path_factory.mktemp("cache")
    directory.chmod(0o700)
    alpa.global_config.cache_directory = str(directory)
    alpa.global_config.show_progress = False
    return directory


@pytest.fixture(params=[1, 2, 4, 8])
def devices(request):
    """A session on so many host devices."""
    alpa.init(cluster=f"host:{request.param}")
    yield request.param
    alpa.shutdown()


@pytest.fixture
def host4():
    """A session on four host devices."""
    alpa.init(cluster="host:4")
    yield
    alpa.shutdown()
