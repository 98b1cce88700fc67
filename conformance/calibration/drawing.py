"""Operator cases on inputs that no constant was chosen on: drawn anew from a seed, never frozen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import count

from conformance.cases import FUNCTIONAL, Case
from conformance.codec import decode_array
from conformance.compare import Expectation
from conformance.corpus.loader import case_id
from conformance.engines.base import Engine
from conformance.errors import SuiteFault
from conformance.operators import specs
from conformance.program import Program
from conformance.strategies.hashed import drawn, number
from conformance.strategies.operators import operator_programs
from conformance.strategies.variations import Variation, variations

SEED = 1_618_033_988
"""The seed of the calibration that is reported. Nothing in the suite was chosen by looking at what it draws."""


@dataclass(frozen=True)
class Draw:
    """One case to draw: the class of an operator's cases by its place, and how often it was drawn before."""

    operator: str
    place: int
    dtype: str
    repeat: int
    seed: int | str

    @property
    def variation(self) -> Variation:
        return _variations(self.operator)[self.place]

    @property
    def requirement(self) -> str:
        return f"operator.{self.operator}.{self.variation.group}"

    @property
    def id(self) -> str:
        """The id of the frozen case that it is another instance of, and which one it is."""
        v = self.variation
        frozen = case_id({"facets": v.facets, "key": v.key(self.dtype), "dtype": self.dtype})
        return f"{frozen.removesuffix(f'@{self.dtype}')}.{self.repeat}@{self.dtype}"


def classes(dtype: str, seed: int | str = SEED) -> Iterator[Draw]:
    """The first draw of every class of cases of one dtype."""
    for name, spec in specs().items():
        for place, v in enumerate(_variations(name) if spec.sampling is not None else ()):
            if dtype in v.dtypes:
                yield Draw(name, place, dtype, 0, seed)


def draws(dtype: str, seed: int | str = SEED, chosen: Callable[[Draw], bool] = bool) -> Iterator[Draw]:
    """Cases of one dtype: one of each operator and assertion group in turn, their classes in a drawn order.

    There is no end to them, unless no class is chosen: then there are none.
    """
    stacks: dict[tuple[str, str], list[int]] = {}
    for draw in filter(chosen, classes(dtype)):
        stacks.setdefault((draw.operator, draw.variation.group), []).append(draw.place)
    for (name, group), places in stacks.items():
        places.sort(key=lambda place: number(seed, dtype, name, group, place))
    order = sorted(stacks, key=lambda key: number(seed, dtype, *key))
    for turn in count() if stacks else ():
        for name, group in order:
            places = stacks[name, group]
            yield Draw(name, places[turn % len(places)], dtype, turn // len(places), seed)


def program_of(draw: Draw, engine: Engine) -> Program:
    """The program of a draw; the engine says which shapes come out. The same draw always gives the same program."""
    return drawn(operator_programs(draw.variation, draw.dtype, _shapes(engine)), draw.seed, draw.id)


def case_of(draw: Draw, program: Program, expectations: tuple[Expectation, ...]) -> Case:
    """The draw as a case, with what it must show."""
    v = draw.variation
    facets = {k: text for k, text in v.facets.items() if k != "class"}
    return Case(
        id=draw.id,
        requirement=draw.requirement,
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
