"""Reads the calls of `attributes`: each as a function of the namespace and its tensors, with inputs drawn for it."""

from __future__ import annotations

import functools
import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.refgrad.ops.attributes import CHAPTERS

_INPUT = re.compile(r"^(?P<shape>\.|\d+(?:x\d+)*)(?P<values>[+up>~]?)$")


@dataclass(frozen=True)
class Call:
    """One line of the table."""

    chapter: str
    operator: str
    expression: str
    inputs: tuple[str, ...]
    flags: str
    instead: str = ""

    @property
    def name(self) -> str:
        """What a test of it is called."""
        return f"{self.operator}: {self.expression} | {','.join(self.inputs)}"

    @property
    def order(self) -> int:
        """Up to which order PyTorch has derivatives."""
        return 1 if "1" in self.flags else 2

    def __call__(self, t: Any, *tensors: Any) -> Any:
        names = dict(zip("xyzw", tensors, strict=False))
        made = {"I": lambda v: t.tensor(v, dtype=t.int64), "B": lambda v: t.tensor(v, dtype=t.bool)}
        expression = self.instead if self.instead and t.__name__ == "torch" else self.expression
        return eval(_compiled(expression), {"t": t, "F": t.nn.functional, "L": t.linalg, **made, **names})  # noqa: S307 - our own table

    def drawn(self, dtype: str) -> list[np.ndarray]:
        """The inputs, the same ones every time."""
        random = np.random.default_rng(zlib.crc32(self.name.encode()))
        return [_values(random, given).astype(dtype) + 1j * _imaginary(random, given, dtype) if dtype.startswith("complex")
                else _values(random, given).astype(dtype) for given in self.inputs]  # fmt: skip


@functools.cache
def _compiled(expression: str) -> Any:
    return compile(expression, expression, "eval")


def _values(random: np.random.Generator, given: str) -> np.ndarray:
    match = _INPUT.match(given)
    if match is None:
        raise ValueError(f"{given!r} is no input; see the table's docstring")
    shape = () if match["shape"] == "." else tuple(map(int, match["shape"].split("x")))
    draw = {
        "": lambda: random.standard_normal(shape),
        "+": lambda: random.uniform(0.3, 2.0, shape),
        "u": lambda: random.uniform(-0.9, 0.9, shape),
        "p": lambda: random.uniform(0.1, 0.9, shape),
        ">": lambda: random.uniform(1.1, 3.0, shape),
        "~": lambda: random.integers(-1, 3, shape),
    }
    return np.asarray(draw[match["values"]](), np.float64)


def _imaginary(random: np.random.Generator, given: str, dtype: str) -> np.ndarray:
    shape = _values(random, given).shape
    return np.asarray(random.standard_normal(shape), dtype)


def calls(chapter: str | None = None) -> Iterator[Call]:
    """The calls of one chapter, or of all."""
    for name, text in CHAPTERS.items():
        for line in itertools.chain(text.strip().splitlines() if chapter in (None, name) else ()):
            operator, _, rest = line.partition(": ")
            expression, inputs, *more = (part.strip() for part in rest.split(" | "))
            flags = more[0] if more and not more[0].startswith("=") else ""
            instead = more[-1].removeprefix("= ") if more and more[-1].startswith("=") else ""
            yield Call(name, operator, expression, tuple(inputs.split(",")), flags, instead)
