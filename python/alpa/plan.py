"""Plans as values: where tensors lie, and whole plans that are saved, edited and replayed."""
import dataclasses
import math
import os
from typing import Optional

from alpa import errors
from alpa._jax import jax
from alpa._library import header

_BYTES = {row[1]: max(1, int(row[2]) // 8) for row in header.tables["DTYPE"]}


def _read_dims(text):
    """((), ("a", "b")) from "- | a,b"."""
    return tuple(() if part == "-" else tuple(part.split(",")) for part in text.split(" | ")) if text else ()


@dataclasses.dataclass(frozen=True)
class StagePart:
    """What the devices of one stage hold of an argument or result: all of it, or a slice."""
    stage: int
    text: str  #: for every dimension the axes of the stage's mesh that split it: "data | - | a,b"
    mesh: tuple  #: (name, size) of every axis
    first_device: int
    start: tuple  #: of the part in the whole
    shape: tuple  #: of the part
    local_shape: tuple  #: of one device's piece of it


@dataclasses.dataclass(frozen=True)
class PlacementSpec:
    """Where an argument or result of an executable lies.  In a pipeline several stages may hold it, or parts of it:
    `parts` has them all, and what is said beside them is the first one's."""
    name: str  #: the user's, as state.params['w']; "" where unknown
    dtype: str  #: as MLIR writes it
    shape: tuple
    local_shape: tuple  #: of one device's part
    text: str  #: for every dimension the axes that split it: "data | - | a,b"
    mesh: tuple  #: (name, size) of every axis
    first_device: int = 0  #: of the stage whose mesh it is
    donated_to: int = -1  #: of an argument: the result that takes its place
    parts: tuple = ()  #: a StagePart for everything that a stage holds; one without stages
    #: of an argument of an executable: (the executable, its number)
    source: Optional[tuple] = dataclasses.field(default=None, compare=False, repr=False)

    def place(self, array):
        """The array as an alpa.Array in this place."""
        if self.source is None:
            raise errors.InvalidArgumentError("only the specs of get_input_placement_specs() say where to place: this "
                                              "one is of a result")
        executable, index = self.source
        return executable.place_one(index, array)

    @property
    def dims(self):
        """For every dimension a tuple of axes."""
        return _read_dims(self.text)

    @property
    def partition_spec(self):
        """The same as JAX writes it."""
        return jax.sharding.PartitionSpec(
            *(None if not axes else axes[0] if len(axes) == 1 else axes for axes in self.dims))

    @property
    def local_nbytes(self):
        """Bytes that a device holds, of the stage that holds most."""
        held = {}
        for part in self.parts or (self,):
            stage = getattr(part, "stage", 0)
            held[stage] = held.get(stage, 0) + self.count_bytes(part)
        return max(held.values())

    def count_bytes(self, part):
        """Bytes that a device holds of one of the parts."""
        return _BYTES[self.dtype] * math.prod(part.local_shape)

    def __repr__(self):
        places = [self.text or "-"]
        if len(self.parts) > 1:
            places = [f"{part.stage}: {part.text or '-'}" for part in self.parts]
        return f"PlacementSpec({self.name!r}, {'x'.join(map(str, self.shape + (self.dtype,)))}, {', '.join(map(repr, places))})"


@dataclasses.dataclass
class ParallelPlan:
    """A program with a sharding on every value, as text that `alpa plan` and `alpa run --plan` read too."""
    text: str
    cluster: str = ""

    def save(self, path):
        """Writes the text to a file."""
        temporary = f"{path}.{os.getpid()}.tmp"
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(self.text)
        os.replace(temporary, path)

    @classmethod
    def load(cls, path):
        """Reads what `save` or `alpa plan -o` wrote."""
        try:
            with open(path, encoding="utf-8") as file:
                return cls(file.read())
        except OSError as error:
            raise errors.NotFoundError(f"no plan can be read from {path}: {error}") from error
