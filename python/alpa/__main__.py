"""The command `alpa` of the wheel: the library's own tool."""
import os
import sys

from alpa import errors
from alpa._library import find_tool


def main():
    """Becomes the tool."""
    try:
        tool = find_tool("alpa")
    except errors.LibraryNotFoundError as error:
        sys.exit(f"alpa: {error}")
    os.execv(tool, [str(tool)] + sys.argv[1:])


if __name__ == "__main__":
    main()
