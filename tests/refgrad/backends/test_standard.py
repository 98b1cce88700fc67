"""Rows on arrays of the array API standard, on a device that is not the default one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from refgrad import backends, tensor
from refgrad.errors import NotInTheStandard
from refgrad.tensor import wrap
from tests.refgrad import standard

pytest.importorskip("array_api_strict", reason="array_api_strict comes with the extra named dev")


@pytest.fixture(scope="module")
def xp():
    before = dict(backends._BY_TYPE)
    yield standard.backend()
    backends._BY_TYPE.clear()
    backends._BY_TYPE.update(before)


@pytest.fixture(scope="module")
def outcomes(xp: Any) -> list[standard.Found]:
    return list(standard.found(xp))


def test_rows_whose_primitives_the_standard_has_give_what_numpy_gives(outcomes: list[standard.Found]) -> None:
    assert [found for found in outcomes if found.outcome == "differs"] == []


def test_most_rows_run_on_the_standard(outcomes: list[standard.Found]) -> None:
    runs = sum(found.outcome == "runs" for found in outcomes)
    assert runs >= standard.AT_LEAST * len(outcomes)


def test_few_rows_have_no_sample(outcomes: list[standard.Found]) -> None:
    unused = {found.row for found in outcomes if found.outcome == "unused"}
    assert unused <= {"copy_slices", "is_complex_nonzero"}


def _leaf(xp: Any, *values: float) -> Any:
    x = wrap(xp.from_host(np.array(values)))
    x.requires_grad_()
    return x


def test_tensors_differentiate_on_the_device(xp: Any) -> None:
    x = _leaf(xp, 0.5, 2.0)
    (x.exp() * x).sum().backward()
    assert x.grad._data.data.device == xp.device
    np.testing.assert_allclose(x.grad.tolist(), np.exp([0.5, 2.0]) * [1.5, 3.0], rtol=1e-15)


def test_arrays_of_two_devices_do_not_mix(xp: Any) -> None:
    other = standard.backend("device2")
    with pytest.raises(ValueError, match="device"):
        xp.add(xp.from_host(np.ones(2)), other.from_host(np.ones(2)).data)
    with pytest.raises(TypeError):
        _leaf(xp, 1.0) + tensor([1.0])


def test_what_the_standard_lacks_is_named(xp: Any) -> None:
    with pytest.raises(NotInTheStandard, match="the array API standard has no 'erf'"):
        _leaf(xp, 1.0).erf()
