"""What matrices are made of: each structure is what its operators take, whatever the leaf holds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conformance.codec import decode_array
from conformance.engines.refgrad import RefgradEngine
from conformance.operators.sampling import Choice, Range
from conformance.recorder import Recorder
from conformance.strategies.structures import DOMINANT, MADE
from conformance.strategies.values import chosen, matrices

X = np.array([[1.0 + 2.0j, 3.0 - 1.0j], [0.5j, 2.0]])
QUIET = settings(max_examples=20, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))


def made(structure: str, x: np.ndarray, attributes: Mapping[str, Any] | None = None) -> np.ndarray:
    p = Recorder(x.dtype.name)
    y = MADE[structure](p, p.leaf(x), attributes or {})
    p._observe("value", (y,))
    (observed,) = RefgradEngine().run(p.program())["observations"].values()
    return decode_array(observed["array"])


@pytest.mark.parametrize("x", [X, X.real], ids=["complex", "real"])
def test_hermitian_matrices_are_sums_and_products_with_adjoints(x: np.ndarray) -> None:
    np.testing.assert_array_equal(made("spd", x), x + x.conj().T)
    np.testing.assert_array_equal(made("gram", x[:, :1]), x[:, :1] @ x[:, :1].conj().T)


@pytest.mark.parametrize("x", [X, X.real], ids=["complex", "real"])
@pytest.mark.parametrize("upper", [False, True])
def test_a_cholesky_factor_is_one_triangle_with_a_real_diagonal(x: np.ndarray, *, upper: bool) -> None:
    found = made("triangular", x, {"upper": upper})
    outside, inside = (np.tril, np.triu) if upper else (np.triu, np.tril)
    assert not outside(found, -1 if upper else 1).any()
    np.testing.assert_array_equal(np.diagonal(found), np.diagonal(x).real)
    np.testing.assert_array_equal(inside(found, 1 if upper else -1), inside(x, 1 if upper else -1))


def test_rows_are_exchanged_by_turning_the_matrix_upside_down() -> None:
    np.testing.assert_array_equal(made("exchanged", X), X[::-1])


@QUIET
@given(data=st.data())
@pytest.mark.parametrize(("shape", "rows"), [((3,), 0), ((2, 2), 0), ((2,), 4)])
def test_pivots_are_rows_from_their_own_on(data: st.DataObject, shape: tuple[int, ...], rows: int) -> None:
    found = data.draw(chosen(shape, Choice("pivots", rows)))
    assert found.dtype == np.int32
    assert (found > np.arange(shape[-1])).all()
    assert (found <= max(rows, shape[-1])).all()


@QUIET
@given(data=st.data())
@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (3, 2), (2, 3), (2, 2, 4), (4, 1, 4)])
def test_dominant_matrices_have_full_rank_square_or_not(data: st.DataObject, shape: tuple[int, ...]) -> None:
    x = data.draw(matrices(shape, Range(-1.0, 1.0)))
    square = x if len(shape) < 3 or shape[-1] == shape[-2] else x.reshape(4, 4)
    assert (np.linalg.cond(square) < 100).all()


@QUIET
@given(data=st.data())
def test_eigenvalues_of_turning_matrices_are_far_apart(data: st.DataObject) -> None:
    x = data.draw(matrices((3, 3), Range(-1.0, 1.0), DOMINANT["turning"]))
    values = np.linalg.eigvals(x)
    assert np.iscomplexobj(values)
    assert min(abs(values[i] - values[j]) for i in range(3) for j in range(i)) > 1.0
