"""No file outside `refgrad/backends` names an array library; the backends offer what operators ask of them."""

from __future__ import annotations

import io
import re
import tokenize
from pathlib import Path

import pytest

import refgrad
from refgrad.backends import namespace
from tests.refgrad.cuda import stand_in

ROOT = Path(refgrad.__file__).parent
LIBRARIES = {"array_api_strict", "cp", "cupy", "cupyx", "flint", "ml_dtypes", "np", "numpy", "scipy"}
PYTORCHS_OWN = {("conversion.py", "numpy"), ("methods.py", "numpy"), ("masked/tensor.py", "numpy")}
"""The method `Tensor.numpy` bears the name of the library whose arrays are the interchange format: PyTorch's name."""
FILES = sorted(p.relative_to(ROOT).as_posix() for p in ROOT.rglob("*.py"))
OUTSIDE = [name for name in FILES if not name.startswith("backends/")]


def _names(text: str) -> set[str]:
    return {t.string for t in tokenize.generate_tokens(io.StringIO(text).readline) if t.type == tokenize.NAME}


@pytest.mark.parametrize("name", OUTSIDE)
def test_no_file_outside_the_backends_names_an_array_library(name: str) -> None:
    named = _names((ROOT / name).read_text()) & LIBRARIES
    assert {library for library in named if (name, library) not in PYTORCHS_OWN} == set()


def test_the_search_sees_an_import() -> None:
    assert _names("import numpy as np\nfrom scipy import special") & LIBRARIES == {"numpy", "np", "scipy"}
    assert _names('"""numpy"""  # cupy') & LIBRARIES == set()


ASKED = re.compile(r"\bxp\.([a-z_][a-z_0-9]*)")


def _asked() -> set[str]:
    """The functions of the backend that kernels call by name."""
    kernels = [ROOT / name for name in FILES if name.startswith("ops/")]
    shared = [ROOT / "backends" / f"{name}.py" for name in "cumulative resampling sorting special windows".split()]
    return {found for path in (*kernels, *shared) for found in ASKED.findall(path.read_text())}


def test_numpy_has_what_kernels_ask_for() -> None:
    assert [name for name in sorted(_asked()) if not hasattr(namespace(), name)] == []


def test_cupy_has_what_kernels_ask_for() -> None:
    from refgrad.backends import backend_on

    with stand_in.installed():
        assert [name for name in sorted(_asked()) if not hasattr(backend_on("cuda"), name)] == []
