"""What a rule of the table needs of its arguments, as it is read from the function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from refgrad.rules import SHAPE, UNUSED, VALUE, Rule


def nested(g: Any, _x: Any) -> Any:
    return [n for n in g if n in (m for m in _x.shape)]


MENTIONED: dict[str, Callable[..., Any]] = {
    "its shape": lambda g, _x: g.sum(_x.shape),
    "beside another": lambda g, _x: nested(g, _x),
    "before another": lambda g, _x: nested(_x, g),
    "kept": lambda g, _x: [y := _x, g, y],
    "in a function of its own": lambda g, _x: [n + g for n in (lambda: _x.shape)()],
    "in a generator": nested,
}


@pytest.mark.parametrize("rule", MENTIONED)
def test_the_shape_of_an_argument_that_is_mentioned_is_kept(rule: str) -> None:
    assert Rule(MENTIONED[rule]).looks(1) == SHAPE


def test_an_argument_that_is_not_mentioned_is_not_kept() -> None:
    rule = Rule(lambda g, _x, y, *, dim: g + y * dim)
    assert [rule.looks(i) for i in range(4)] == [VALUE, UNUSED, VALUE, UNUSED]
