"""A folder that is a list of kinds is the list: what stands in it is found by its name and loaded when asked for."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


def names(folder: Iterable[str]) -> list[str]:
    """The kinds there are: the files of a package's folder.

    Args:
        folder: the package's `__path__`.
    """
    from pkgutil import iter_modules

    return sorted(module.name for module in iter_modules(folder))


def load(package: str, name: str, constant: str) -> Any | None:
    """What a file of the folder ends in, or None if there is no such file.

    Args:
        package: the folder's full module name.
        name: the kind's, which is the file's; anything else but letters and digits names none.
        constant: under which name every file of the folder keeps its kind.

    Raises:
        ImportError: the file is there, and a library that it needs is not.
    """
    if not (name.isascii() and name.isalnum()):
        return None
    module = f"{package}.{name}"
    try:
        return getattr(__import__(module, fromlist=[constant]), constant)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        return None
