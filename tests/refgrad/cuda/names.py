"""What CuPy offers, by name: ``python -m tests.refgrad.cuda.names`` writes it down where CuPy is installed.

The stand-in for CuPy (`stand_in`) has these names only, with these parameters and, for element-wise functions, these
types: what it lets through, CuPy has.
"""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("cupy-14.json")


def offered() -> dict[str, Any]:
    """The functions of `cupy`, `cupy.linalg`, `cupy.fft` and `cupyx.scipy.special`: for each its parameters, or the types
    that it takes; and the names that classes and further modules have.
    """
    import cupy
    import cupyx.scipy.special

    modules = {"": cupy, "linalg": cupy.linalg, "fft": cupy.fft, "special": cupyx.scipy.special}
    functions = {name: _functions(module) for name, module in modules.items()}
    return functions | {"attributes": {name: _public(thing) for name, thing in _holders(cupy, cupyx).items()}}


def _holders(cupy: Any, cupyx: Any) -> dict[str, Any]:
    """The classes and modules of CuPy of which refgrad uses attributes."""
    cuda = cupy.cuda
    found = {"cupy": cupy, "cupyx": cupyx, "cuda": cuda, "runtime": cuda.runtime, "memory": cuda.memory}
    found |= {c.__name__: c for c in (cupy.ndarray, cuda.Stream, cuda.Event, cuda.MemoryPointer, cuda.Device)}
    return found | {"pool": cuda.MemoryPool, "stride_tricks": cupy.lib.stride_tricks}


def _public(thing: Any) -> list[str]:
    return sorted(name for name in dir(thing) if not name.startswith("_"))


def _functions(module: Any) -> dict[str, Any]:
    found = {name: getattr(module, name) for name in sorted(dir(module)) if not name.startswith("_")}
    described = {name: _described(f) for name, f in found.items() if callable(f) and not inspect.isclass(f)}
    return {name: text for name, text in described.items() if text is not None}


def _described(function: Any) -> Any:
    types = getattr(function, "types", None)
    if types is not None:
        return list(types)
    try:
        return list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        return None


if __name__ == "__main__":
    FILE.write_text(json.dumps(offered(), separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n")
