"""Lets Hypothesis propose programs and appends, frozen, one for every class of cases that the corpus lacks.

Only here is Hypothesis asked; what is frozen never depends on it again. PyTorch gives the shapes of outputs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from conformance.codec import canonical_json, decode_array, encode_literal
from conformance.corpus.store import FOLDER, PROGRAMS, chapters, read, update_lock, write
from conformance.errors import SuiteFault
from conformance.operators import specs
from conformance.operators.spec import OperatorSpec
from conformance.program import Program
from conformance.strategies.operators import operator_programs
from conformance.strategies.variations import Variation, variations

DTYPES = ("float64", "float32")
SEED = 20_260_713
PROPOSALS = 4
_QUIET = settings(
    max_examples=PROPOSALS,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def grow(folder: Path = FOLDER, *, operators: Iterable[str] = (), dtypes: Iterable[str] = DTYPES) -> dict[str, int]:
    """Appends programs for every class without one; returns how many, by chapter. Frozen ones stay as they are."""
    from conformance.engines.torch import TorchEngine

    engine = TorchEngine()
    wanted = set(operators)
    by_chapter: dict[str, list[OperatorSpec]] = {}
    for spec in specs().values():
        if spec.sampling is not None and (not wanted or spec.name in wanted):
            by_chapter.setdefault(chapter_of(spec), []).append(spec)
    return {
        name: _grow_chapter(folder, name, chosen, tuple(dtypes), engine) for name, chosen in sorted(by_chapter.items())
    }


def chapter_of(spec: OperatorSpec) -> str:
    """The chapter whose file holds the operator."""
    return spec.chapter or "operators"


def _grow_chapter(folder: Path, chapter: str, chosen: list[OperatorSpec], dtypes: tuple[str, ...], engine: Any) -> int:
    lines = read(f"{PROGRAMS}/{chapter}", folder) if chapter in chapters(PROGRAMS, folder) else []
    keys, digests = {_key_of(line) for line in lines}, {line["digest"] for line in lines}
    added = 0
    for line in _proposed(chosen, dtypes, keys, engine):
        if line["digest"] not in digests:
            digests.add(line["digest"])
            lines.append(line)
            added += 1
    lines.sort(
        key=lambda line: (
            line["facets"]["operator"],
            line["facets"]["group"],
            line["facets"]["class"],
            line["dtype"],
            line["digest"],
        )
    )
    entry = write(f"{PROGRAMS}/{chapter}", lines, folder)
    _lock_file(folder, f"{PROGRAMS}/{chapter}", entry)
    return added


def _lock_file(folder: Path, name: str, entry: dict[str, Any]) -> None:
    from conformance.corpus.store import LOCK, read_lock

    files = read_lock(folder).get("files", {}) if (folder / LOCK).exists() else {}
    update_lock({"files": files | {name: entry}}, folder)


def _proposed(
    chosen: list[OperatorSpec], dtypes: tuple[str, ...], keys: set[str], engine: Any
) -> Iterator[dict[str, Any]]:
    for spec in chosen:
        for variation in variations(spec):
            for dtype in dtypes:
                key = _key(variation, dtype)
                if key not in keys:
                    keys.add(key)
                    yield _frozen(variation, dtype, key, engine)


def _frozen(variation: Variation, dtype: str, key: str, engine: Any) -> dict[str, Any]:
    program = _best(variation, dtype, engine)
    return {
        "digest": program.digest,
        "dtype": dtype,
        "level": variation.level,
        "facets": variation.facets,
        "key": key,
        "program": program.to_json(),
    }


def _key(v: Variation, dtype: str) -> str:
    """What a class is told apart by: attributes and shapes count, inputs do not."""
    attributes = canonical_json({k: encode_literal(a) for k, a in v.call.attributes.items()})
    shapes = canonical_json({k: encode_literal(s) for k, s in v.call.shapes.items()})
    return f"{v.spec.name}|{v.group}|{v.name}|{attributes}|{shapes}|{dtype}"


def _key_of(line: dict[str, Any]) -> str:
    return line["key"]


def _best(variation: Variation, dtype: str, engine: Any) -> Program:
    """Of a few proposals, the one with the most different numbers in it."""
    proposals: list[Program] = []

    @seed(SEED)
    @_QUIET
    @given(operator_programs(variation, dtype, lambda program: _shapes(program, engine)))
    def propose(program: Program) -> None:
        proposals.append(program)

    propose()
    return max(proposals, key=_variety)


def _variety(program: Program) -> tuple[int, str]:
    arrays = [np.ravel(s.args[0]).astype(np.float64) for s in program.statements if s.do == "leaf"]
    return len(np.unique(np.abs(np.concatenate(arrays)))), program.digest


def _shapes(program: Program, engine: Any) -> list[tuple[int, ...]]:
    reply = engine.run(program)
    if reply["status"] != "done":
        raise SuiteFault(f"a proposed program cannot be run by PyTorch: {reply}")
    return [decode_array(o["array"]).shape for o in reply["observations"].values()]
