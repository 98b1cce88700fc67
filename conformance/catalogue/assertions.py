"""What namespace cases assert with beside plain `assert`: values, errors, warnings, what another thread sees."""

from __future__ import annotations

import importlib
import math
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np


@contextmanager
def raises(error: type[Exception], words: str = "") -> Iterator[None]:
    """Asserts that the body raises exactly this class, with these words in its message, whatever their case.

    >>> with raises(ZeroDivisionError, "division"):
    ...     1 / 0
    """
    try:
        yield
    except Exception as caught:
        if type(caught) is not error or words.lower() not in str(caught).lower():
            message = f"expected {error.__name__} with {words!r}, got {type(caught).__name__}: {caught}"
            raise AssertionError(message) from caught
    else:
        raise AssertionError(f"expected {error.__name__} with {words!r}, and nothing was raised")


@contextmanager
def quiet() -> Iterator[None]:
    """Runs the body without its warnings, for cases that are not about them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def in_thread(function: Callable[[], Any], *, seconds: float = 10.0) -> Any:
    """What the function gives in a thread of its own, which ends before this returns; its error is raised here.

    >>> in_thread(threading.current_thread) is threading.current_thread()
    False
    """
    outcome: dict[str, Any] = {}

    def run() -> None:
        try:
            outcome["result"] = function()
        except BaseException as error:  # noqa: BLE001 - it is raised again, in the thread that asked
            outcome["error"] = error

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        raise AssertionError(f"the thread did not end within {seconds} seconds")
    if "error" in outcome:
        raise outcome["error"]
    return outcome["result"]


def assert_equal(found: Any, expected: Any, what: str = "the result") -> None:
    """Asserts that a tensor (or number) has exactly these values and their shape; nan is equal to nan.

    >>> assert_equal([1.0, float("nan")], [1.0, float("nan")])
    """
    ours, theirs = _values(found), _values(expected)
    assert ours.shape == theirs.shape, f"{what} has shape {ours.shape}, not {theirs.shape}"
    assert np.array_equal(ours, theirs, equal_nan=True), f"{what} is {ours.tolist()}, not {theirs.tolist()}"


def assert_close(found: Any, expected: Any, what: str = "the result", *, tolerance: float = 1e-9) -> None:
    """Asserts that a tensor (or number) has these values up to rounding, and their shape.

    >>> assert_close([0.1 + 0.2], [0.3])
    """
    ours, theirs = _values(found), _values(expected)
    assert ours.shape == theirs.shape, f"{what} has shape {ours.shape}, not {theirs.shape}"
    near = np.allclose(ours, theirs, rtol=tolerance, atol=tolerance, equal_nan=True)
    assert near, f"{what} is {ours.tolist()}, not {theirs.tolist()}"


def _values(x: Any) -> np.ndarray:
    """The values as an array, whatever holds them."""
    if not hasattr(x, "detach"):
        return np.asarray([_values(part) for part in x] if isinstance(x, list | tuple) else x)
    return np.asarray(x.detach().tolist()).reshape(tuple(x.shape))


@contextmanager
def warns(category: type[Warning], words: str = "") -> Iterator[None]:
    """Asserts that the body issues a warning of this category, with these words in it, whatever their case.

    >>> with warns(UserWarning, "careful"):
    ...     warnings.warn("be careful", UserWarning, stacklevel=1)
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    found = [f"{type(w.message).__name__}: {w.message}" for w in caught]
    matches = [w for w in caught if issubclass(w.category, category) and words.lower() in str(w.message).lower()]
    assert matches, f"expected {category.__name__} with {words!r}, got {found or 'no warning'}"


SHAPES = ((), (3,), (2, 0), (2, 3), (1, 2, 2))
"""0-d, plain, empty, and more dimensions than one."""


def leaves(torch: Any, *, requires_grad: bool = True, shapes: Iterable[tuple[int, ...]] = SHAPES) -> Iterator[Any]:
    """Tensors of several shapes in two dtypes; the values are small and exact, of both signs, and none is zero."""
    for dtype in (torch.float64, torch.float32):
        for shape in shapes:
            values = np.array([(k + 1) / 2 * (-1) ** k for k in range(math.prod(shape))]).reshape(shape)
            yield torch.tensor(values.tolist(), dtype=dtype).reshape(shape).requires_grad_(requires_grad)


def submodule(torch: Any, name: str) -> Any:
    """The module ``torch.<name>``, imported, as documented examples do, whatever stands in for `torch`."""
    return importlib.import_module(f"{torch.__name__}.{name}")
