"""One engine surveyed: what it answers at every point of every curve, and how far from the truth that is.

Results are appended curve by curve, so that a survey that was stopped goes on where it was.
"""

from __future__ import annotations

import difflib
import json
import math
import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

from conformance.atlas.curves import ORDER, Curve, curves
from conformance.atlas.regions import BUCKETS, POINTS, REGIONS, points
from conformance.atlas.truth import errors
from conformance.cases import Case
from conformance.codec import canonical_json, decode_array
from conformance.errors import CorpusError, UsageError
from conformance.protocol.messages import Hello
from conformance.recorder import Recorder
from conformance.results import folder_name
from conformance.runner import EngineSpec, execute
from conformance.verdict import Run

DTYPES = ("float64", "float32")
FILE = "atlas.jsonl"
FORMAT = 1

Line = dict[str, Any]


def survey(
    spec: EngineSpec,
    output: Path,
    *,
    processes: int = 2,
    resume: bool = False,
    names: tuple[str, ...] = (),
    on_start: Callable[[int], None] | None = None,
    on_line: Callable[[Line], None] | None = None,
) -> Path:
    """Surveys the engine; gives its folder, in which the atlas lies, one line for each curve and dtype.

    *errors*: `AdapterError` where the engine does not start.
    """
    chosen = choose(names)
    asked = {case.id: case for c in chosen for dtype in DTYPES for case in cases_of(c, dtype)}
    hello: list[Hello] = []
    replies = execute(spec, list(asked.values()), workers=processes, on_hello=hello.append)
    run = Run(hello[0].engine, hello[0].version, device=spec.device)
    folder = output / folder_name(run)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / FILE
    head = _head(run)
    wanted = [(c.name, dtype) for c in chosen for dtype in DTYPES]
    kept = {key: line for key, line in _known(path, head).items() if resume or key not in wanted}
    todo = [key for key in wanted if key not in kept]
    path.write_text("".join(canonical_json(x) + "\n" for x in (head, *kept.values())), encoding="utf-8")
    if on_start is not None:
        on_start(len(todo))
    with path.open("a", encoding="utf-8") as file:
        for line in _measured(todo, replies, processes):
            file.write(canonical_json(line) + "\n")
            file.flush()
            if on_line is not None:
                on_line(line)
    return folder


def choose(names: tuple[str, ...] = ()) -> list[Curve]:
    """The curves of these names or operators, all if none are given; raises `UsageError` for a name that there is not."""
    known = {name for c in curves().values() for name in (c.name, c.operator)}
    for name in names:
        if name not in known:
            found = difflib.get_close_matches(name, known, n=3)
            raise UsageError(
                f"the atlas has no {name!r}; "
                + (f"did you mean {' or '.join(found)}?" if found else f"it has {len(curves())} functions")
            )
    return [c for c in curves().values() if not names or c.name in names or c.operator in names]


def cases_of(curve: Curve, dtype: str) -> Iterator[Case]:
    """The programs of a curve: value, first and second derivative at all of its points."""
    x = points(curve, dtype).x
    for order in range(ORDER):
        p = Recorder(dtype)
        leaf = p.leaf(x, requires_grad=order > 0)
        y = curve.ask(p, leaf, len(x))
        for level in range(order):
            (y,) = p.grad(y, leaf, p.constant(np.ones(len(x))), create_graph=True if level < order - 1 else None)
        p._observe("value", (y,))
        yield Case(_id(curve.name, dtype, order), "", "may", "", dtype, program=p.program())


def read_atlas(folder: Path) -> tuple[Line, list[Line]]:
    """The head and the lines of a stored atlas; raises `CorpusError` where there is none."""
    try:
        head, *lines = map(json.loads, (folder / FILE).read_text(encoding="utf-8").splitlines())
    except (FileNotFoundError, ValueError):
        raise CorpusError(f"{folder} holds no atlas; `conformance atlas --engine NAME` makes one") from None
    order = {name: place for place, name in enumerate(curves())}
    return head, sorted(lines, key=lambda line: (order.get(line["curve"], len(order)), DTYPES.index(line["dtype"])))


def _head(run: Run) -> Line:
    """What two surveys must share for one to go on with the other."""
    return {"format": FORMAT, "engine": run.engine, "version": run.version, "device": run.device,
            "regions": REGIONS, "buckets": BUCKETS, "points": POINTS}  # fmt: skip


def _known(path: Path, head: Line) -> dict[tuple[str, str], Line]:
    try:
        found, *lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    except (FileNotFoundError, ValueError):
        return {}
    return {(x["curve"], x["dtype"]): x for x in lines} if found == json.loads(canonical_json(head)) else {}


def _id(name: str, dtype: str, order: int) -> str:
    return f"atlas/{name}/{order}@{dtype}"


def _measured(todo: list[tuple[str, str]], replies: Mapping[str, Any], processes: int) -> Iterator[Line]:
    jobs = [(name, dtype, [replies[_id(name, dtype, k)] for k in range(ORDER)]) for name, dtype in todo]
    if processes == 1:
        yield from map(line_of, *zip(*jobs, strict=True)) if jobs else ()
        return
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(line_of, *zip(*jobs, strict=True)) if jobs else ()


def line_of(name: str, dtype: str, replies: list[Mapping[str, Any]]) -> Line:
    """The line of one curve and dtype: by order, the worst of each region, and the profile over all buckets."""
    curve = curves()[name]
    where = points(curve, dtype)
    answers, missing = zip(*(_answer(reply, where.x) for reply in replies), strict=True)
    found = errors(curve, where.x, list(answers))
    orders = []
    for k in range(ORDER):
        if answers[k] is None:
            orders.append({"missing": missing[k]})
            continue
        worst = {
            region: _worst(found[k], where.region == place, where.x, answers[k]) for place, region in enumerate(REGIONS)
        }
        profile = [_number(_maximum(found[k][where.bucket == b])) for b in range(12 * BUCKETS)]
        undecided = int(np.sum(np.isnan(found[k])))
        orders.append({"worst": {r: w for r, w in worst.items() if w}, "profile": profile, "undecided": undecided})
    return {"curve": name, "operator": curve.operator, "dtype": dtype, "points": len(where.x), "orders": orders}


def _answer(reply: Mapping[str, Any], x: np.ndarray) -> tuple[np.ndarray | None, str]:
    """The engine's numbers; or none, and why."""
    observed = next(iter(reply.get("observations", {}).values()), {})
    if "array" in observed:
        array = decode_array(observed["array"])
        if array.shape == x.shape and array.dtype == x.dtype:
            return array, ""
        return None, f"answers {array.dtype} of shape {array.shape}"
    if observed.get("none"):
        return None, "no derivative"
    said = str(reply.get("feature") or reply.get("reason") or reply.get("error", {}).get("message") or "no answer")
    if "does not require grad" in said:
        return None, "no graph: the derivative before is a constant to this engine"
    return None, said.strip().splitlines()[0]


def _worst(found: np.ndarray, here: np.ndarray, x: np.ndarray, answer: np.ndarray) -> Line | None:
    """The worst point of a region: its error, where it is, and what the engine says there."""
    places = np.flatnonzero(here & ~np.isnan(found))
    if not len(places):
        return None
    at = places[int(np.argmax(found[places]))]
    return {"ulp": _number(float(found[at])), "x": float(x[at]).hex(), "answer": _said(float(answer[at]))}


def _said(value: float) -> str:
    return value.hex() if math.isfinite(value) else repr(value)


def _maximum(values: np.ndarray) -> float:
    values = values[~np.isnan(values)]
    return float(np.max(values)) if len(values) else math.nan


def _number(value: float) -> float | str | None:
    """Four digits are plenty; JSON has neither NaN nor infinity."""
    if math.isnan(value):
        return None
    return "inf" if math.isinf(value) else float(f"{value:.4g}")
