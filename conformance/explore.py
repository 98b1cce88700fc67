"""Live search for counterexamples on an engine itself: Hypothesis proposes, the engine answers, and nothing enters a verdict.

An engine's backward is held against differences of its own forward, against identities, and beside PyTorch where it is
installed; so a counterexample says whether the value, the derivative or both are wrong. Certification never runs this.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

from hypothesis import HealthCheck, Phase, Verbosity, assume, given, seed, settings, target
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import Unsatisfiable

from conformance.checking.examination import Counterexample, Examination, examine
from conformance.errors import Unsupported
from conformance.operators import specs
from conformance.operators.spec import OperatorSpec
from conformance.program import Program
from conformance.strategies.graphs import graphs
from conformance.strategies.operators import operator_programs
from conformance.strategies.variations import VJP, Variation, variations

__all__ = ["Counterexample", "NotOffered", "Options", "Property", "Undecided", "properties"]

Run = Callable[[Program], Mapping[str, Any]]


class NotOffered(Unsupported):
    """The engine lacks what every example of a property needs; `feature` names it."""


class Undecided(Exception):
    """No example of a property could be judged. Not a pass."""


@dataclass(frozen=True)
class Options:
    """How much to search, and where."""

    examples: int = 20
    seed: int | None = None  # None: a fresh one for each property, printed with a counterexample
    directory: str | None = None  # of Hypothesis' examples; None: they are not kept
    operators: tuple[str, ...] = ()  # patterns such as "nn.functional.*"; none: all
    dtypes: tuple[str, ...] = ("float64",)
    witness: bool = True  # PyTorch beside the engine


@dataclass(frozen=True)
class Property:
    """One thing that must hold for every example; `check` searches for one where it does not."""

    name: str
    summary: str
    check: Callable[[], None] = field(repr=False, compare=False)


def properties(engine_factory: Callable[[], Any], *, options: Options = Options()) -> list[Property]:
    """Everything that can be explored: each operator over its classes, and random programs.

    The factory is called once, at the first check; what it gives has `run(program) -> reply`.

    >>> [p.name for p in properties(lambda: None, options=Options(operators=("sin",)))][:2]
    ['operators/elementary/sin@float64', 'programs/graph@float64']
    """
    shared = _Shared(engine_factory, options.witness)
    return [
        Property(name, summary, partial(_search, shared, name, strategy, options))
        for dtype in options.dtypes
        for name, summary, strategy in (*_operators(shared, dtype, options.operators), *_programs(dtype))
    ]


class _Shared:
    """The engine and the second witness, made when they are first needed."""

    def __init__(self, factory: Callable[[], Any], witness: bool) -> None:
        self._factory, self._wants_witness = factory, witness
        self._engine: Any = None
        self._witness: Any = None

    def run(self, program: Program) -> Mapping[str, Any]:
        """The engine's reply."""
        if self._engine is None:
            self._engine = self._factory()
        return self._engine.run(program)

    def witness(self) -> Run | None:
        """PyTorch's replies, or nothing where it is not installed or not wanted."""
        if self._wants_witness and self._witness is None:
            try:
                from conformance.engines.torch import TorchEngine

                self._witness = TorchEngine()
            except ImportError:
                self._wants_witness = False
        return self._witness.run if self._witness is not None else None


Proposed = tuple[str, str, st.SearchStrategy[Program]]


def _operators(shared: _Shared, dtype: str, patterns: tuple[str, ...]) -> Iterator[Proposed]:
    for spec in specs().values():
        if patterns and not any(fnmatchcase(spec.name, p) for p in patterns):
            continue
        classes = [v for v in variations(spec) if v.group == VJP and dtype in v.dtypes and _smooth(v)]
        if classes:
            summary = f"{spec.name}: its backward agrees with differences of its forward, in {len(classes)} classes"
            yield f"operators/{_chapter(spec)}/{spec.name}@{dtype}", summary, _of_classes(shared, classes, dtype)


def _chapter(spec: OperatorSpec) -> str:
    return spec.chapter or "operators"


def _smooth(v: Variation) -> bool:
    """Whether differences of the forward pass can tell: not on kinks and ties, nor where floating point ends."""
    return (
        v.region in ("ordinary", "boundary", "integers", "tails")
        and v.cotangent != "zero"
        and v.call.label != "empty"
        and v.layout != "tiled"
        and not v.second
    )


def _of_classes(shared: _Shared, classes: list[Variation], dtype: str) -> st.SearchStrategy[Program]:
    def shapes(program: Program) -> list[tuple[int, ...]]:
        reply = shared.run(program)
        if reply["status"] == "unsupported":
            raise _Lacking(reply["feature"])
        if reply["status"] != "done":
            raise _Broken(program, reply)
        return [tuple(seen["array"]["shape"]) for seen in reply["observations"].values()]

    return st.sampled_from(classes).flatmap(lambda v: operator_programs(v, dtype, shapes))


class _Lacking(Exception):
    """An engine lacks something while an example is being drawn."""


class _Broken(Exception):
    """An engine broke while an example was being drawn."""

    def __init__(self, program: Program, reply: Mapping[str, Any]) -> None:
        super().__init__(str(reply))
        self.program, self.reply = program, reply


def _programs(dtype: str) -> Iterator[Proposed]:
    yield f"programs/graph@{dtype}", "random graphs with reuse, diamonds, broadcasting and views", graphs(dtype)
    yield f"programs/detached@{dtype}", "random graphs in which values are detached", graphs(dtype, detached=True)
    yield f"programs/in-place@{dtype}", "random graphs with in-place steps", graphs(dtype, inplace=True)
    yield f"programs/second-order@{dtype}", "gradients of gradients of random graphs", graphs(dtype, order=2)


def _search(shared: _Shared, name: str, strategy: st.SearchStrategy[Program], options: Options) -> None:
    """Searches; raises what is found, or that nothing could be."""
    number = int.from_bytes(os.urandom(4), "little") if options.seed is None else options.seed
    seen = _Seen(name, number, _PATIENCE * options.examples)
    with suppress(Unsatisfiable):  # no example was judged: told apart below
        _settled(options, number)(given(st.data())(lambda data: _try(shared, seen, data, strategy)))()
    if not seen.judged:
        if seen.lacking:
            raise NotOffered(seen.lacking)
        raise Undecided(f"{name}: none of {options.examples} examples could be judged; {seen.last or 'none was drawn'}")


_PATIENCE = 5


@dataclass
class _Seen:
    """What became of the examples of one search."""

    name: str
    seed: int
    patience: int  # so many examples that cannot be judged are looked at, if none can
    tried: int = 0
    judged: int = 0
    lacking: str = ""
    last: str = ""


def _try(shared: _Shared, seen: _Seen, data: st.DataObject, strategy: st.SearchStrategy[Program]) -> None:
    found = _example(shared, seen, data, strategy)
    if found.lacking or found.undecided:
        seen.lacking = seen.lacking or found.lacking
        seen.last = found.lacking or found.undecided
        assume(False)
    seen.judged += not found.empty  # an empty tensor alone says nothing of a derivative
    if found.counterexample is not None:
        raise found.counterexample
    if 0 < found.worst < float("inf"):
        target(found.worst, label="error over tolerance")


def _example(shared: _Shared, seen: _Seen, data: st.DataObject, strategy: st.SearchStrategy[Program]) -> Examination:
    try:
        program = data.draw(strategy)
    except _Lacking as lacking:
        return Examination(lacking=str(lacking))
    except _Broken as broken:
        return Examination.refused(broken.program, broken.reply, seen.name, seen.seed, shared.witness())
    assume(seen.judged or seen.tried < seen.patience)  # hopeless: what is left is not worth its time
    seen.tried += 1
    return examine(program, shared.run, shared.witness(), name=seen.name, seed=seen.seed)


def _settled(options: Options, number: int) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Every setting said: Hypothesis' defaults change with the environment, silently (CI=true)."""
    database = DirectoryBasedExampleDatabase(options.directory) if options.directory else None
    phases = [Phase.generate, Phase.target, Phase.shrink]
    chosen = settings(
        max_examples=options.examples,
        derandomize=False,
        database=database,
        verbosity=Verbosity.quiet,
        phases=[Phase.reuse, *phases] if database else phases,
        stateful_step_count=50,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        deadline=None,
        print_blob=False,
        backend="hypothesis",
    )
    return lambda test: seed(number)(chosen(test))
