"""The names of recorded operations are PyTorch's, for every operator of the corpus."""

from __future__ import annotations

import warnings
from collections import defaultdict
from typing import Any

import pytest

from conformance.corpus import store
from conformance.engines.refgrad import RefgradEngine
from conformance.program import Program

_LAYOUT = "PyTorch's name says how its own code lays out the result in memory, or changes its shape at the end"
_FORM = "the same call in two forms: PyTorch has one node for no dimensions given, another for `dim=None`"
_SHAPE = "the last step here removes the dimensions that PyTorch reduces away"
_HALF = "PyTorch conjugates half of one transform and goes on with others; here all are one, conjugated at the end"
DIFFERENT = {
    "__rmatmul__": _LAYOUT,
    "__rmod__": "PyTorch has no derivative of it, and prints so (NotImplemented)",
    "cdist": "PyTorch multiplies matrices if asked to; no mode does so here",
    "conj_physical": "of a real tensor PyTorch gives itself, without a node; here it is a copy",
    "diag": "of a matrix PyTorch copies the diagonal, and prints so; here it is the view that the copy begins with",
    "einsum": _LAYOUT,
    "fft.fft": "of real input PyTorch transforms half and mirrors it; here it is one complex transform",
    "fft.ifft": "of real input PyTorch conjugates the forward transform; here it is one complex transform",
    "fft.ihfft2": _HALF,
    "fft.ihfftn": _HALF,
    "kron": _LAYOUT,
    "linalg.matrix_norm": _SHAPE,
    "linalg.matrix_power": _LAYOUT,
    "linalg.multi_dot": _LAYOUT,
    "linalg.norm": _SHAPE,
    "masked.prod": "a number has no dimension to multiply along, which PyTorch records as a product all the same",
    "matmul": _LAYOUT,
    "mean": _FORM,
    "native_group_norm": "PyTorch's moments point to the node too, which takes no derivative of them; here to none",
    "nn.functional.bilinear": _LAYOUT,
    "nn.functional.cross_entropy": "with smoothing or probabilities it is a composition in both, of other steps",
    "nn.functional.instance_norm": _LAYOUT,
    "nn.functional.interpolate": "by area it is adaptive pooling in PyTorch, along each dimension here; antialiased as not",
    "nn.functional.linear": _LAYOUT,
    "nn.functional.pad": "circular padding is written in place by PyTorch (CopySlices), and read by position here",
    "nn.functional.rms_norm": _LAYOUT,
    "nn.functional.scaled_dot_product_attention": _LAYOUT,
    "repeat_interleave": _LAYOUT,
    "special.ndtr": "one operation here, a composition of others in PyTorch",
    "sum": _FORM,
    "sum_to_size": _LAYOUT,
    "trapezoid": "of no samples PyTorch gives a new zero, without a node; here it is their sum",
}
"""The operators with a case in which the names differ, and why."""


def recording(engine: type[Any]) -> Any:
    """An engine that notes the names of the nodes of what its operators give."""

    class Recording(engine):
        def operator(self, name: str) -> Any:
            function = super().operator(name)

            def call(*args: Any, **kwargs: Any) -> Any:
                result = function(*args, **kwargs)
                for y in result if isinstance(result, (tuple, list)) else (result,):
                    node = getattr(y, "grad_fn", None)
                    self.log.append(None if node is None else type(node).__name__)
                return result

            return call

    made = Recording()
    made.log = []
    return made


def _forms_a_call(facets: dict[str, str]) -> bool:
    """Whether the class of a case says something of the call, rather than of the numbers that it is given."""
    plain = {"cotangent": "signed", "layout": "contiguous"}
    return all(facets[k] == v for k, v in plain.items()) and facets["region"] in ("ordinary", "boundary", "half")


def programs() -> dict[str, list[Program]]:
    """For each operator, programs that pull a cotangent back, one for each class of case."""
    found: dict[str, dict[str, Program]] = defaultdict(dict)
    for chapter in store.chapters(store.PROGRAMS):
        for line in store.read(f"{store.PROGRAMS}/{chapter}"):
            facets = line["facets"]
            if facets["group"] == "vjp" and line["dtype"] == "float64" and _forms_a_call(facets):
                attributes = line["key"].split("|")[-2] if facets["class"] == "attributes" else ""
                found[facets["operator"]].setdefault(facets["class"] + attributes, line["program"])
    return {name: [Program.from_json(p) for p in several.values()] for name, several in found.items()}


def test_nodes_bear_the_names_that_pytorch_prints() -> None:
    pytest.importorskip("torch")
    from conformance.engines.torch import TorchEngine

    theirs, ours = recording(TorchEngine), recording(RefgradEngine)
    different, compared = {}, set()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for operator, several in programs().items():
            for program in several:
                for engine in (theirs, ours):
                    engine.log.clear()
                    engine.run(program)
                compared.add(operator)
                if theirs.log != ours.log:
                    different.setdefault(operator, (theirs.log[:], ours.log[:]))
    assert different.keys() <= DIFFERENT.keys(), {k: v for k, v in different.items() if k not in DIFFERENT}
    assert DIFFERENT.keys() <= compared, DIFFERENT.keys() - compared
    assert len(compared) >= 427
