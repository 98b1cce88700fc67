"""Signatures and sampling: every row can be asked in PyTorch's spelling, and its regions lie in its domain."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance.codec import decode_array
from conformance.engines.torch import TorchEngine
from conformance.operators import specs
from conformance.operators.results import NOT_EXPANDED, NOT_TRANSPOSED
from conformance.operators.sampling import Range, points, regions
from conformance.recorder import Recorder
from conformance.strategies.invariants import invariant
from conformance.strategies.operators import operator_programs
from conformance.strategies.values import arrays, spread
from conformance.strategies.variations import VALUE, allows, variations

SAMPLED = [name for name, spec in specs().items() if spec.sampling is not None]


@cache
def pytorch() -> TorchEngine:
    """The engine that is asked; a test that needs it is skipped where it is not installed."""
    pytest.importorskip("torch")
    return TorchEngine()


def one(strategy):
    """The first value that Hypothesis draws; nothing is searched and nothing shrunk."""
    drawn = []
    quiet = settings(
        max_examples=1,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    quiet(given(strategy)(lambda value: drawn.append(value)))()
    return drawn[0]


def shapes(program):
    return [decode_array(o["array"]).shape for o in pytorch().run(program)["observations"].values()]


@pytest.mark.parametrize("name", SAMPLED)
def test_pytorch_can_be_asked_every_call(name: str) -> None:
    seen = set()
    for variation in variations(specs()[name]):
        if variation.group != VALUE or id(variation.call) in seen:
            continue
        seen.add(id(variation.call))
        program = one(operator_programs(variation, variation.dtypes[0], shapes))
        assert pytorch().run(program)["status"] == "done"


@pytest.mark.parametrize("name", SAMPLED)
def test_cotangents_lie_as_the_results_can(name: str) -> None:
    """Which results can be transposed or expanded is known beforehand, so that no class of cotangents is empty."""
    base = next(variations(specs()[name]))
    found = shapes(one(operator_programs(base, base.dtypes[0], shapes)))
    chosen = base.sampling.floating_outputs
    results = [shape for i, shape in enumerate(found) if chosen is None or i in chosen]
    for layout, without in (("transposed", NOT_TRANSPOSED), ("expanded", NOT_EXPANDED)):
        assert any(allows(layout, shape) for shape in results) == (name not in without)


def test_classes_have_different_names_or_different_calls() -> None:
    for name in SAMPLED:
        keys = [v.key("float64") for v in variations(specs()[name])]
        assert len(keys) == len(set(keys)), name


@settings(max_examples=30, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_drawn_values_lie_in_their_range_and_differ(data) -> None:
    for values in (Range(0.5, 2.0), Range(1e-30, 1e-10, by_magnitude=True, signed=True)):
        found = data.draw(arrays((2, 3), values))
        assert np.all((np.abs(found) >= values.low * 0.999) & (np.abs(found) <= values.high * 1.001))
        assert len(np.unique(found.astype(np.float32))) == 6


def test_values_of_different_slots_never_coincide() -> None:
    first = one(arrays((8,), Range(0.0, 1.0), 0))
    second = one(arrays((8,), Range(0.0, 1.0), 1))
    assert not set(first) & set(second)


def test_regions_follow_the_domain() -> None:
    assert "negative" not in regions((0.0, float("inf")))
    assert "huge" not in regions((-1.0, 1.0))
    assert set(regions((0.0, 1.0))["boundary"].float64.points) <= set(
        np.clip(regions((0.0, 1.0))["boundary"].float64.points, 0, 1)
    )
    assert points(1.0).of("float32").points == (1.0,)


def test_spread_keeps_the_sign_half() -> None:
    assert spread(np.array([0.1, 0.9]), Range(1.0, 2.0, signed=True)).tolist() == pytest.approx([-1.8, 1.8])


def _ordinary(name: str, label: str, group: str = VALUE):
    return next(v for v in variations(specs()[name]) if (v.group, v.call.label) == (group, label))


def test_a_number_stands_in_the_program_as_python_has_it_and_is_exact_in_every_dtype() -> None:
    for dtype in ("float64", "float32"):
        program = one(operator_programs(_ordinary("pow", "number-base"), dtype, shapes))
        base, _exponent = next(s for s in program.statements if s.do == "op").args
        assert type(base) is float
        assert float(np.float16(base)) == base


def test_a_call_has_ranges_of_its_own() -> None:
    program = one(operator_programs(_ordinary("pow", "base-below-zero"), "float64", shapes))
    base, exponent = (s.args[0] for s in program.statements if s.do == "leaf")
    assert (base < 0).all()
    assert exponent.dtype.kind == "i"


def test_what_has_a_free_phase_is_read_by_its_modulus() -> None:
    program = one(operator_programs(_ordinary("linalg.eigh", "regular"), "complex128", shapes))
    reply = pytorch().run(program)["observations"].values()
    assert {o["array"]["dtype"] for o in reply} == {"float64"}
    assert "conj" in [s.name for s in program.statements if s.do == "op"]


def test_a_spectrum_is_read_whatever_the_order_and_the_phases_are() -> None:
    """The order is LAPACK's: float32 has another one than float64 for some matrices, and MKL another than OpenBLAS."""
    rng = np.random.default_rng(0)
    values, vectors = np.linalg.eig(rng.normal(size=(3, 3)))
    turned = vectors * np.exp(2j * np.pi * rng.uniform(size=3))
    found = [_of_spectrum(w, v) for w, v in ((values, vectors), (values[[2, 0, 1]], turned[:, [2, 0, 1]]))]
    for plain, changed in zip(*found, strict=True):
        np.testing.assert_allclose(plain, changed, rtol=1e-12)
    assert not np.allclose(found[0][1], _of_spectrum(values, turned[:, [2, 0, 1]])[1])  # each vector has its value


def _of_spectrum(values: np.ndarray, vectors: np.ndarray) -> list[np.ndarray]:
    p = Recorder("complex128")
    for y in invariant(p, (p.leaf(values), p.leaf(vectors)), "spectrum"):
        p._observe("value", (y,))
    reply = pytorch().run(p.program())
    return [decode_array(o["array"]) for o in reply["observations"].values()]


def test_operators_beyond_the_core_should_be_right_and_need_not_be_there() -> None:
    assert {v.level for v in variations(specs()["fmax"])} == {"should"}
    assert "must" in {v.level for v in variations(specs()["maximum"])}
    assert sum(specs()[name].core for name in SAMPLED) >= 206
