"""Numbers that a seed decides and nothing else: a backend of Hypothesis without its own choice of likely numbers.

Hypothesis' usual one prefers numbers that stand in whatever modules happen to be loaded, so that one seed gives other
inputs in another process, and with another version. Here every choice is a SHA-256 of the seed and its place.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, PrimitiveProvider

T = TypeVar("T")
_NAME = "conformance-hashed"
_SEED: ContextVar[str] = ContextVar("seed")
_FINE = 2**53  # steps of a probability


def number(*parts: object) -> int:
    """A number below 2^64 that depends on all of the parts, and on nothing else.

    >>> number("nonce", 1) == number("nonce", 1), number("nonce", 1) == number("nonce", 2)
    (True, False)
    """
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")


def drawn(strategy: st.SearchStrategy[T], *seed: object) -> T:
    """An example of a strategy that the parts of the seed alone decide.

    >>> drawn(st.permutations(range(4)), "nonce", 3) == drawn(st.permutations(range(4)), "nonce", 3)
    True
    """
    found: list[T] = []

    @_SETTINGS
    @given(strategy)
    def propose(example: T) -> None:
        found.append(example)

    token = _SEED.set("|".join(map(str, seed)))
    try:
        propose()
    finally:
        _SEED.reset(token)
    return found[-1]


class _Hashed(PrimitiveProvider):
    """Booleans and whole numbers, evenly: all that the strategies for operators are made of."""

    def __init__(self, _data: Any, /) -> None:
        self._place = 0

    def draw_integer(self, min_value: int | None = None, max_value: int | None = None, **_hints: Any) -> int:
        if min_value is None or max_value is None:
            raise NotImplementedError("a whole number without bounds; give the strategy both")
        self._place += 1
        choice = hashlib.sha256(f"{_SEED.get()}|{self._place}".encode()).digest()
        return min_value + int.from_bytes(choice, "big") % (max_value - min_value + 1)

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self.draw_integer(0, _FINE - 1) < p * _FINE

    def _no_other(self, *_choice: Any, **_bounds: Any) -> Any:
        raise NotImplementedError("only whole numbers and booleans are drawn; build other values from them")

    draw_float: Callable[..., float] = _no_other
    draw_string: Callable[..., str] = _no_other
    draw_bytes: Callable[..., bytes] = _no_other


AVAILABLE_PROVIDERS[_NAME] = _Hashed
_SETTINGS = settings(
    backend=_NAME,
    max_examples=2,  # the first is the simplest that there is; the second is drawn
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
