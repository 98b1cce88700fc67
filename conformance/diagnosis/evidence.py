"""What one operator case says about what is wrong: its arrays, which elements are wrong, what they were computed from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from conformance.cases import Case
from conformance.codec import decode_array
from conformance.compare import Expectation, Status, judge
from conformance.program import Ref, Statement

_RIGHT = (Status.PASS, Status.PERMITTED)
_WRONG = (Status.FAIL, Status.ERROR)


@dataclass(frozen=True)
class Pair:
    """One array that was expected and what came; `wrong` says where it does not do."""

    expectation: Expectation
    want: np.ndarray
    got: np.ndarray

    @property
    def tolerance(self) -> np.ndarray:
        t = self.expectation.tolerance
        return np.zeros(self.want.shape) if t is None else np.broadcast_to(t, self.want.shape)

    @cached_property
    def wrong(self) -> np.ndarray:
        """The wrong elements; all of them where shape or dtype differ."""
        if self.got.shape != self.want.shape or self.got.dtype != self.want.dtype:
            return np.ones(self.want.shape, bool)
        with np.errstate(all="ignore"):
            near = np.abs(self.got - self.want) <= self.tolerance
            return ~(near | (self.got == self.want) | (np.isnan(self.got) & np.isnan(self.want)))

    @property
    def is_visible(self) -> bool:
        """Whether a wrong factor, sign or term would show: somewhere the right number is well above its tolerance."""
        with np.errstate(all="ignore"):
            return bool(np.any(np.isfinite(self.want) & (np.abs(self.want) > 16 * self.tolerance)))


@dataclass(frozen=True)
class Answer:
    """A case of an operator and the engine's reply to it."""

    case: Case
    reply: Mapping[str, Any]
    judged: str = ""  # the status, where it is known

    @cached_property
    def status(self) -> Status:
        return Status(self.judged) if self.judged else judge(self.case.expectations, self.reply).status

    @property
    def is_wrong(self) -> bool:
        return self.status in _WRONG

    @property
    def is_right(self) -> bool:
        """Whether it was answered rightly, and a wrong rule would have been seen in it."""
        return self.status in _RIGHT and any(p.is_visible for p in self.pairs)

    def facet(self, name: str) -> str:
        return (self.case.facets or {}).get(name, "")

    @property
    def label(self) -> str:
        """The class of the case, as its id says it."""
        return self.case.id.split("/")[3] if self.case.id.startswith("op/") else ""

    @property
    def is_strided(self) -> bool:
        """Whether an operand or the cotangent does not lie in memory as it is read."""
        return self.facet("layout") not in ("", "contiguous", "tiled") or self.facet("cotangent") in (
            "transposed",
            "expanded",
        )

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The arrays of numbers that were expected and answered."""
        seen = self.reply.get("observations", {})
        return tuple(
            Pair(e, np.asarray(e.value), decode_array(seen[e.read]["array"]))
            for e in self.case.expectations
            if e.kind == "array" and e.value.dtype.kind in "fc" and "array" in seen.get(e.read, {})
        )

    @property
    def wrong_pairs(self) -> tuple[Pair, ...]:
        return tuple(p for p in self.pairs if p.wrong.any())

    @cached_property
    def inputs(self) -> tuple[np.ndarray, ...]:
        """The arrays that the operator was applied to."""
        return tuple(s.args[0] for s in self._leaves if s.out[0] not in self._given)

    @cached_property
    def cotangents(self) -> tuple[np.ndarray, ...]:
        """The arrays that reverse mode started from, as far as they are used as they were written."""
        return tuple(s.args[0] for s in self._leaves if s.out[0] in self._given)

    @property
    def _leaves(self) -> Iterator[Statement]:
        return (s for s in self.case.program.walk() if s.do == "leaf") if self.case.program else iter(())

    @cached_property
    def _given(self) -> frozenset[str]:
        grads = (s for s in self.case.program.walk() if s.do == "grad") if self.case.program else ()
        return frozenset(name for s in grads for name in _names(s.kw.get("grad_outputs")))


def _names(argument: Any) -> Iterator[str]:
    if isinstance(argument, Ref):
        yield argument.name
    elif isinstance(argument, tuple | list):
        for part in argument:
            yield from _names(part)
