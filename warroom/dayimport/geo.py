"""The geometry libraries, which are an optional extra: what needs them says so when they are absent."""

import importlib
from types import ModuleType

from warroom.dayimport.findings import ImportProblem

_NAMES = {"shapely": "shapely", "pyproj": "pyproj", "shapefile": "pyshp"}


def need(module: str, file: str) -> ModuleType:
    """A geometry library. Raises ImportProblem with the remedy where it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError:
        found, remedy = f"the package {_NAMES[module]} missing", "Install it: pip install 'warroom[geo]'."
        raise ImportProblem(file, found, "the extra `geo`, which reads boundaries", remedy) from None
