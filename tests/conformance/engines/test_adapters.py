"""The shared tables are right: over NumPy itself they give the values of the frozen cases. Known engines are well-formed."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from conformance.cases import Case
from conformance.compare import Judgement, Status, judge
from conformance.corpus.loader import load_cases
from conformance.engines.base import FEATURES, Engine
from conformance.engines.functional import FunctionalEngine
from conformance.engines.known import KNOWN
from conformance.engines.tables.elementwise import elementwise
from conformance.engines.tables.norms import norms
from conformance.engines.tables.products import linear_algebra, losses, products
from conformance.engines.tables.reductions import orderings, reductions
from conformance.engines.tables.shapes import shapes
from conformance.engines.tables.spectra import complex_parts, decompositions, fourier
from conformance.errors import Unsupported

TABLE = {
    **elementwise(np), **reductions(np), **orderings(np), **shapes(np), **products(np), **linear_algebra(np.linalg),
    **losses(np), **norms(np), **fourier(np.fft), **complex_parts(np), **decompositions(np.linalg),
}  # fmt: skip
ROUNDED = ("op/linalg.det/value/large/", "op/linalg.det/value/small/")  # LAPACK may be off by more than is allowed
OTHERWISE = ("op/sign/value/nan/", "op/angle/value/signed-zero/")  # nan and pi in NumPy, 0 and 0 in PyTorch


class NumPy(FunctionalEngine):
    """NumPy, which has values and no derivatives."""

    name = "numpy"
    version = np.__version__
    features = frozenset({"float64", "complex"})
    operators = TABLE

    def leaf(self, array: Any) -> Any:
        return np.asarray(array)

    def read(self, tensor: Any) -> Any:
        return np.asarray(tensor)

    def vjp(self, function: Any, inputs: Any, cotangents: Any) -> Any:
        raise NotImplementedError


def _chosen(facets: Mapping[str, str]) -> bool:
    return facets["group"] == "value" and facets["operator"] in TABLE


@pytest.fixture(scope="module")
def judged() -> list[tuple[Case, Judgement]]:
    engine = NumPy()
    cases = [c for c in load_cases(chosen=_chosen) if c.dtype in ("float64", "complex128")]
    with np.errstate(all="ignore"):
        return [(c, judge(c.expectations, engine.run(c.program))) for c in cases]


def test_every_entry_gives_the_frozen_values_or_says_that_it_cannot(judged) -> None:
    accepted = (Status.PASS, Status.PERMITTED, Status.UNSUPPORTED)
    excepted = (*ROUNDED, *OTHERWISE)
    wrong = {c.id: j.reason for c, j in judged if j.status not in accepted and not c.id.startswith(excepted)}
    assert wrong == {}


def test_what_numpy_itself_does_otherwise_is_still_so(judged) -> None:
    assert {j.status for c, j in judged if c.id.startswith(OTHERWISE)} == {Status.FAIL}


def test_every_entry_is_tried_and_few_cases_are_left_out(judged) -> None:
    passed = Counter(c.facets["operator"] for c, j in judged if j.status in (Status.PASS, Status.PERMITTED))
    assert TABLE.keys() <= passed.keys()
    left_out = sum(j.status is Status.UNSUPPORTED for _, j in judged)
    assert left_out / len(judged) < 0.01


@pytest.mark.parametrize("name", [n for n, known in KNOWN.items() if not known.runtime])
def test_a_known_engine_has_an_adapter(name: str) -> None:
    module, _, attribute = KNOWN[name].target.partition(":")
    adapter = getattr(importlib.import_module(module), attribute)
    assert issubclass(adapter, Engine)
    assert adapter.name == name
    assert set(adapter.features) <= FEATURES.keys()


@pytest.mark.parametrize("name", [n for n in KNOWN if n not in ("torch", "refgrad")])
def test_a_third_party_engine_is_pinned(name: str) -> None:
    engine = KNOWN[name].requirements[0]
    pinned = r"@[\w-]+/[\w-]+@" if KNOWN[name].runtime == "node" else r"[A-Za-z_]+(\[\w+\])?=="
    assert re.fullmatch(pinned + r"\d+(\.\d+)+", engine), engine


@pytest.mark.parametrize("name", [n for n, known in KNOWN.items() if known.runtime])
def test_an_engine_over_a_kit_has_its_script(name: str) -> None:
    assert KNOWN[name].script.is_file()
    assert KNOWN[name].runtime == "node" or re.fullmatch(r"python3\.\d+", KNOWN[name].runtime)


@pytest.mark.parametrize(
    ("name", "attributes"),
    [
        ("linalg.solve", {"left": False}),
        ("norm", {"dim": (0, 1)}),
        ("nn.functional.kl_div", {"reduction": "batchmean", "log_target": False}),
    ],
)
def test_an_attribute_that_a_table_lacks_is_unsupported_and_no_error(name: str, attributes: dict[str, Any]) -> None:
    operands = [np.eye(2)] * (1 if name == "norm" else 2)
    with pytest.raises(Unsupported):
        TABLE[name](*operands, **attributes)
