"""Bad input: one exception each, with cause and remedy."""
import os
import shutil
import subprocess
import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from programs import make_mlp

import alpa
from alpa._jax import require_version
from alpa._library import lib

SPEC = jax.sharding.PartitionSpec


def run_python(code, **environment):
    """The last line that a Python program prints on stderr."""
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run([sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False)
    assert done.returncode
    return done.stderr.strip().splitlines()[-1]


def test_no_library():
    message = run_python("import alpa", ALPA_LIBRARY="/nowhere/libalpa.so")
    assert "LibraryNotFoundError" in message and "/nowhere/libalpa.so" in message and "pip install" in message


def test_library_that_cannot_be_opened(tmp_path):
    (tmp_path / "libalpa.so").write_text("no library")
    message = run_python("import alpa", ALPA_LIBRARY=str(tmp_path / "libalpa.so"))
    assert "cannot open" in message and "apt install" in message


def test_library_without_its_modules(tmp_path):
    """As where LLVM is not installed."""
    library = tmp_path / "libalpa.so"
    shutil.copy(lib._name, library)
    message = run_python("import alpa, numpy\nalpa.init(cluster='host:1')\nalpa.global_config.cache_directory = None\n"
                         "alpa.parallelize(lambda x: x + 1)(numpy.ones(4))", ALPA_LIBRARY=str(library))
    assert "apt install" in message and "libllvm19" in message


def test_wrong_jax():
    with pytest.raises(alpa.VersionError, match="needs JAX 0.7 or later, this is 0.6.2: pip install -U jax"):
        require_version("0.6.2")
    require_version("0.7.0")
    require_version("1.0")


@pytest.mark.usefixtures("host4")
def test_untraceable_function():
    @alpa.parallelize
    def f(x):
        return x if x.sum() > 0 else -x
    with pytest.raises(alpa.TracingError, match="(?s)'f' cannot be traced.*test_errors.py.*static_argnums"):
        f(np.ones(4))


@pytest.mark.usefixtures("host4")
def test_inside_of_jit():
    f = alpa.parallelize(lambda x: x + 1)
    f(np.ones(4, np.float32))
    for transform in (jax.jit, lambda g: jax.grad(lambda x: g(x).sum()), jax.vmap):
        with pytest.raises(alpa.NestedTransformError, match="called inside jax.jit.*call it from plain Python"):
            transform(f)(np.ones(4, np.float32))


@pytest.mark.usefixtures("host4")
def test_argument_that_is_no_array():
    f = alpa.parallelize(lambda x: x["a"], static_argnums=())
    with pytest.raises(alpa.InvalidArgumentError, match=r"was given str at .*'b'.*static_argnums"):
        f({"a": np.ones(4), "b": "text"})


@pytest.mark.usefixtures("host4")
def test_shape_that_cannot_be_split_as_asked():
    def method(spec, names=("a",)):
        return alpa.ShardParallel(manual_sharding_option=alpa.ManualShardingOption(names, in_axis_resources=(spec,)))
    cases = [(SPEC("a", None, None), ("a",), "has 2 dimensions"),
             (SPEC("pipe"), ("a",), "the mesh has no axis 'pipe'"),
             (SPEC("a"), ("a", "b"), r"names 2 axes \('a', 'b'\), the mesh \(4,\) has 1"),
             ({"x": SPEC("a")}, ("a",), "no prefix of the tree")]
    for spec, names, message in cases:
        with pytest.raises(alpa.InvalidArgumentError, match=message):
            alpa.parallelize(lambda x: x + 1, method=method(spec, names))(np.ones((8, 4)))


@pytest.mark.usefixtures("host4")
def test_more_devices_than_there_are():
    with pytest.raises(alpa.InvalidArgumentError, match=r"16 devices are asked for.*has 4.*alpa.init\(cluster='host:16'"):
        alpa.parallelize(lambda x: x, method=alpa.ShardParallel(devices=16))(np.ones(4))
    with pytest.raises(alpa.InvalidArgumentError, match="host:100000"):
        alpa.init(cluster="host:100000")


def test_cluster_that_is_not_this_machine():
    alpa.init(cluster="p3.16xlarge:1")
    assert alpa.get_global_num_devices() == 8
    f = alpa.parallelize(lambda x: x + 1)
    f.get_executable(np.ones(8))
    with pytest.raises(alpa.UnavailableError, match="is not this machine.*cluster='local'"):
        f(np.ones(8))
    with pytest.raises(alpa.AlpaError, match="nowhere"):
        alpa.init(cluster="nowhere:2")
    with pytest.raises(alpa.UnsupportedError, match="Ray"):
        alpa.init(cluster="ray")


def test_arrays_of_a_session_that_has_ended():
    alpa.init(cluster="host:2")
    f = alpa.parallelize(lambda x: x + 1)
    y = f(np.ones(4))
    alpa.shutdown()
    with pytest.raises(alpa.UnavailableError, match="alpa.shutdown"):
        np.asarray(y)
    alpa.init(cluster="host:4")
    np.testing.assert_array_equal(f(np.ones(4)), np.full(4, 2))


@pytest.mark.usefixtures("host4")
def test_program_that_the_library_refuses_names_the_users_line():
    def f(x):
        return jnp.linalg.eigh(x)[0]
    with pytest.raises(alpa.UnsupportedError, match="test_errors.py.*no implementation"):
        alpa.parallelize(f)(jnp.ones((4, 4)))


@pytest.mark.usefixtures("host4")
def test_memory_that_does_not_suffice():
    create_state, train_step, make_batch = make_mlp()
    option = alpa.AutoShardingOption(memory_gib=1e-6)
    with pytest.raises(alpa.InfeasibleError, match="(?i)memory|bytes"):
        alpa.parallelize(train_step, method=alpa.ShardParallel(auto_sharding_option=option))(
            create_state(), make_batch(np.random.default_rng(0)))


@pytest.mark.usefixtures("host4")
def test_options_without_effect_are_refused():
    with pytest.raises(alpa.UnsupportedError, match="allow_all_gather"):
        alpa.AutoShardingOption(allow_all_gather=False)
    with pytest.raises(alpa.InvalidArgumentError, match="takes a function"):
        alpa.parallelize(3)
