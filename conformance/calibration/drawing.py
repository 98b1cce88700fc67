"""Operator cases on inputs that no constant was chosen on: drawn anew from a seed, never frozen."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded

from conformance.cases import FUNCTIONAL, Case
from conformance.codec import decode_array
from conformance.compare import Expectation
from conformance.engines.base import Engine
from conformance.errors import SuiteFault
from conformance.operators import specs
from conformance.program import Program
from conformance.strategies.operators import operator_programs
from conformance.strategies.variations import Variation, variations

SEED = 1_618_033_988
"""The seed of the calibration that is reported. Nothing in the suite was chosen by looking at what it draws."""
_PROPOSALS = 3  # the first that Hypothesis makes are the simplest ones
_QUIET = settings(
    max_examples=_PROPOSALS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@dataclass(frozen=True)
class Draw:
    """One case to draw: the class of an operator's cases by its place, and how often it was drawn before."""

    operator: str
    place: int
    dtype: str
    repeat: int
    seed: int

    @property
    def variation(self) -> Variation:
        return _variations(self.operator)[self.place]

    @property
    def id(self) -> str:
        v = self.variation
        return f"fresh/{v.spec.name}/{v.group}/{v.name}/{self.place}.{self.repeat}@{self.dtype}"


def draws(dtype: str, seed: int = SEED) -> Iterator[Draw]:
    """Cases of one dtype without end: one of each operator and assertion group in turn, their classes in a drawn order."""
    stacks: dict[tuple[str, str], list[int]] = {}
    for name, spec in specs().items():
        for place, v in enumerate(_variations(name) if spec.sampling is not None else ()):
            if dtype not in v.dtypes:
                continue
            if dtype in v.dtypes:
                stacks.setdefault((name, v.group), []).append(place)
    for (name, group), places in stacks.items():
        places.sort(key=lambda place: _number(seed, dtype, name, group, place))
    order = sorted(stacks, key=lambda key: _number(seed, dtype, *key))
    for turn in count():
        for name, group in order:
            places = stacks[name, group]
            yield Draw(name, places[turn % len(places)], dtype, turn // len(places), seed)


def program_of(draw: Draw, engine: Engine) -> Program:
    """The program of a draw; the engine says which shapes come out. The same draw always gives the same program."""
    found: list[Program] = []

    @seeded(_number(draw.seed, draw.id))
    @_QUIET
    @given(operator_programs(draw.variation, draw.dtype, _shapes(engine)))
    def propose(program: Program) -> None:
        found.append(program)

    propose()
    return found[-1]


def case_of(draw: Draw, program: Program, expectations: tuple[Expectation, ...]) -> Case:
    """The draw as a case, with what it must show."""
    v = draw.variation
    facets = {k: text for k, text in v.facets.items() if k != "class"}
    return Case(
        id=draw.id,
        requirement=f"operator.{v.spec.name}.{v.group}",
        level=v.level,
        profile=FUNCTIONAL,
        dtype=draw.dtype,
        program=program,
        expectations=expectations,
        facets=facets,
    )


@cache
def _variations(operator: str) -> tuple[Variation, ...]:
    return tuple(variations(specs()[operator]))


def _shapes(engine: Engine) -> Callable[[Program], list[tuple[int, ...]]]:
    def shapes(program: Program) -> list[tuple[int, ...]]:
        reply = engine.run(program)
        if reply["status"] != "done":
            raise SuiteFault(f"a drawn program cannot be run by {engine.name}: {reply}")
        return [decode_array(o["array"]).shape for o in reply["observations"].values()]

    return shapes


def _number(*parts: object) -> int:
    """A number that depends on all of the parts, and on nothing else."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, parts)).encode()).digest()[:8], "big")
