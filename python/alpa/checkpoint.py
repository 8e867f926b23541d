"""Checkpoints: one safetensors file per step, written whole or not at all, read into any plan."""
import json
import mmap
import os
import pathlib
import re

import numpy as np

from alpa import errors
from alpa._jax import jax
from alpa._library import SAFETENSORS
from alpa.call import read_leaf
from alpa.plan import PlacementSpec
from alpa.tracing import get_key_impl, get_type, is_key_type

_tree = jax.tree_util
# numpy's names of the types that MLIR spells otherwise
_NUMPY = {"i1": "bool", "f16": "float16", "f32": "float32", "f64": "float64", "bf16": "bfloat16",
          "complex<f32>": "complex64"}
_HEADER_LIMIT = 100 << 20


def _name_types():
    """{numpy's name: safetensors' name}."""
    names = {}
    for spelling, stored in SAFETENSORS.items():
        kind = re.fullmatch(r"(u?)i(\d+)", spelling)
        numpy_name = f"{'u' if kind[1] else ''}int{kind[2]}" if kind and spelling != "i1" else None
        numpy_name = _NUMPY.get(spelling) or numpy_name or spelling.lower().replace("f8", "float8_")
        if stored:
            names[numpy_name] = stored
    return names


_STORED = _name_types()
_LOADED = {stored: name for name, stored in _STORED.items()}


def _path(directory, step):
    return pathlib.Path(directory) / f"checkpoint_{step}.safetensors"


def _describe(path, leaf):
    """The header's entry of a leaf, without its place."""
    shape, dtype, _ = get_type(leaf)
    if is_key_type(dtype):
        data = jax.eval_shape(jax.random.key_data, jax.ShapeDtypeStruct(shape, dtype))
        shape, dtype = data.shape, data.dtype
    name = np.dtype(dtype).name
    if name not in _STORED:
        raise errors.UnsupportedError(f"{_tree.keystr(path)} has type {name}, which safetensors has no name for")
    return name, {"dtype": _STORED[name], "shape": list(shape)}


def save_checkpoint(ckpt_dir, target, step):
    """Writes a tree of arrays as `checkpoint_<step>.safetensors` in a folder, which is made.

    The file appears under its name when it is complete.  Tensors are fetched one after the other.
    """
    leaves = _tree.tree_flatten_with_path(target)[0]
    header, at = {"__metadata__": {"format": "alpa", "step": str(step)}}, 0
    for path, leaf in leaves:
        name, entry = _describe(path, leaf)
        size = int(np.prod(entry["shape"], dtype=np.int64)) * np.dtype(name).itemsize
        entry["data_offsets"] = [at, at + size]
        header[_tree.keystr(path)] = entry
        at += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    final = _path(ckpt_dir, step)
    final.parent.mkdir(parents=True, exist_ok=True)
    temporary = final.with_suffix(f".{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text)
            for _, leaf in leaves:
                file.write(read_leaf(leaf, get_type(leaf)[1]).tobytes())
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, final)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(final.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
    return str(final)


def find_last_step(ckpt_dir):
    """The largest step that a folder has a checkpoint of, or None."""
    steps = [int(match[1]) for match in (re.fullmatch(r"checkpoint_(\d+)\.safetensors", entry.name)
                                         for entry in pathlib.Path(ckpt_dir).glob("*")) if match]
    return max(steps, default=None)


def _read(file):
    """{name: array that reads the file when it is used}."""
    path = file.name
    damaged = errors.DataLossError(f"{path} is damaged: its header or its size is not what a safetensors file has")
    size = os.fstat(file.fileno()).st_size
    length = int.from_bytes(file.read(8), "little")
    if size < 8 or length > min(size - 8, _HEADER_LIMIT):
        raise damaged
    try:
        header = json.loads(file.read(length))
        header.pop("__metadata__", None)
        data = np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)[8 + length:]
        found = {}
        for name, entry in header.items():
            begin, end = entry["data_offsets"]
            if not 0 <= begin <= end <= data.size:
                raise damaged
            found[name] = data[begin:end].view(np.dtype(_LOADED[entry["dtype"]])).reshape(entry["shape"])
        return found
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged from error


def restore_checkpoint(ckpt_dir, step=None, target=None, placement_specs=None):
    """Reads a checkpoint.

    Args:
      ckpt_dir: the folder.
      step: of which step; None: of the last one.
      target: a tree with the arrays' places: arrays or jax.ShapeDtypeStructs; None: the tree of placement_specs, which
        may stand here, too.
      placement_specs: where the arrays shall lie: what get_input_placement_specs of an executable returns for them.
        The plan that wrote the checkpoint does not matter.

    Returns:
      The tree, of alpa.Arrays where placement_specs are given, else of numpy arrays that read the file when they are
      used.  Without a tree, a dictionary by name.
    """
    step = find_last_step(ckpt_dir) if step is None else step
    path = _path(ckpt_dir, step)
    try:
        with open(path, "rb") as file:
            found = _read(file)
    except OSError as error:
        raise errors.NotFoundError(f"there is no checkpoint {path}: {error.strerror}") from error
    if placement_specs is None and all(isinstance(leaf, PlacementSpec) for leaf in _tree.tree_leaves(target)):
        placement_specs = target
    shape = placement_specs if target is None else target
    if shape is None:
        return found
    leaves, structure = _tree.tree_flatten_with_path(shape)
    restored = [_pick(found, path, _tree.keystr(at), leaf) for at, leaf in leaves]
    if placement_specs is not None:
        restored = [spec.place(leaf) for spec, leaf in zip(_tree.tree_leaves(placement_specs), restored)]
    return _tree.tree_unflatten(structure, restored)


def _pick(found, path, name, leaf):
    """The stored array of a leaf, which must have its type."""
    if name not in found:
        raise errors.NotFoundError(f"{path} has no '{name}'; it has {', '.join(sorted(found)[:5])}, ...")
    data = found[name]
    dtype = getattr(leaf, "dtype", None)
    if not isinstance(dtype, str) and dtype is not None and is_key_type(dtype):
        return jax.random.wrap_key_data(np.asarray(data), impl=get_key_impl(dtype))
    if tuple(leaf.shape if hasattr(leaf, "shape") else np.shape(leaf)) != data.shape:
        raise errors.InvalidArgumentError(f"'{name}' has shape {data.shape} in {path}, the target's is "
                                          f"{tuple(np.shape(leaf))}")
    return data
