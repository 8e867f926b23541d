"""Plans as values: where tensors lie, and whole plans that are saved, edited and replayed."""
import dataclasses
import os
from typing import Optional

from alpa import errors
from alpa._jax import jax
from alpa._library import header

_BYTES = {row[1]: max(1, int(row[2]) // 8) for row in header.tables["DTYPE"]}


@dataclasses.dataclass(frozen=True)
class PlacementSpec:
    """Where an argument or result of an executable lies."""
    name: str  #: the user's, as state.params['w']; "" where unknown
    dtype: str  #: as MLIR writes it
    shape: tuple
    local_shape: tuple  #: of one device's part
    text: str  #: for every dimension the axes that split it: "data | - | a,b"
    mesh: tuple  #: (name, size) of every axis
    first_device: int = 0  #: of the stage whose mesh it is
    donated_to: int = -1  #: of an argument: the result that takes its place
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
        if not self.text:
            return ()
        return tuple(() if part == "-" else tuple(part.split(",")) for part in self.text.split(" | "))

    @property
    def partition_spec(self):
        """The same as JAX writes it."""
        return jax.sharding.PartitionSpec(
            *(None if not axes else axes[0] if len(axes) == 1 else axes for axes in self.dims))

    @property
    def local_nbytes(self):
        """Bytes that one device holds."""
        n = _BYTES[self.dtype]
        for size in self.local_shape:
            n *= size
        return n

    def __repr__(self):
        return f"PlacementSpec({self.name!r}, {'x'.join(map(str, self.shape + (self.dtype,)))}, {self.text or '-'!r})"


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
