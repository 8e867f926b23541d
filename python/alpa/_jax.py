"""JAX, checked once: the package needs 0.7 or later."""
from alpa import errors

try:
    import jax
    import jax.numpy
except ImportError as error:
    raise errors.VersionError(f"alpa needs JAX 0.7 or later, which is not installed ({error}): pip install -U jax") from error


def require_version(found, least=(0, 7)):
    """Raises VersionError where `found`, as "0.6.2", is older than `least`."""
    numbers = tuple(int(part) for part in found.split(".")[:2])
    if numbers < least:
        raise errors.VersionError(f"alpa needs JAX {'.'.join(map(str, least))} or later, this is {found}: "
                                  "pip install -U jax")


require_version(jax.__version__)
