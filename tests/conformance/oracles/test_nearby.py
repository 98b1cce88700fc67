"""At a kink whose documented derivative is the one close by, the expected gradient is that of the side that is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from conformance.operators import find
from conformance.operators.nearby import downwards, earlier, upwards
from conformance.oracles import conventions, nearby
from conformance.oracles.judged import judged
from conformance.recorder import Recorder


def _beside(monkeypatch: pytest.MonkeyPatch, operator: str, **ways: Any) -> None:
    """Lets the operator document the derivative close by, where it has another convention, or none."""
    spec = find(operator)
    changed = replace(spec, sampling=replace(spec.sampling, beside=ways, kinks=None, ties=""))
    for module in (nearby, conventions):
        monkeypatch.setattr(module, "find", lambda name: changed if name == spec.name else find(name))


def _expected(values: Any, cotangent: Any, operator: str, **attributes: Any) -> np.ndarray:
    p = Recorder("float64")
    x = p.leaf(values)
    y = p.op(operator, x, **attributes)
    (g,) = p.grad(y, [x], p.constant(cotangent))
    p._observe("value", (g,))
    (e,) = judged(p.program(), "float64", "vjp").expectations
    return e.value


def test_of_equal_elements_the_first_of_each_window_takes_the_gradient(monkeypatch: pytest.MonkeyPatch) -> None:
    _beside(monkeypatch, "nn.functional.max_pool2d", input=earlier)
    found = _expected(np.ones((1, 1, 1, 3)), [[[[2.0, 3.0]]]], "nn.functional.max_pool2d", kernel_size=(1, 2), stride=1)
    assert found.ravel().tolist() == [2.0, 3.0, 0.0]


@pytest.mark.parametrize(("way", "slope"), [(upwards, 1.0), (downwards, 0.0)])
def test_an_attribute_that_moves_says_which_side(monkeypatch: pytest.MonkeyPatch, way: Any, slope: float) -> None:
    _beside(monkeypatch, "nn.functional.hardtanh", max_val=way)
    assert _expected([0.5], [1.0], "nn.functional.hardtanh", max_val=0.5).tolist() == [slope]
