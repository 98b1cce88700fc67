"""Copies in 16 bits: what is copied and how, what is not and why, and that refgrad passes a spread of them."""

from __future__ import annotations

import math
from importlib.util import find_spec

import numpy as np
import pytest

from conformance.cli import main
from conformance.codec import HALVES, numpy_dtype
from conformance.compare import judge
from conformance.corpus.halves import EXCLUDED, GROUPS, build_halves, changed_halves, copies
from conformance.corpus.loader import decode_expectation, load_cases, load_undecided
from conformance.corpus.store import COPIES, FOLDER, LOCK, PROGRAMS, TRUTHS, chapters, content, read, write
from conformance.engines.refgrad import RefgradEngine
from conformance.program import Program
from conformance.recorder import Recorder

DTYPES = pytest.mark.parametrize("dtype", HALVES)
WITNESSED = pytest.mark.skipif(
    find_spec("torch") is None, reason="PyTorch, which is asked what 16 bits refuse, is not installed"
)


def line(name, *arrays, dtype="float32", group="vjp", **attributes):
    p = Recorder("float32")
    xs = [p.leaf(np.asarray(x), requires_grad=True) for x in arrays[:-1]]
    xs.append(p.leaf(np.asarray(arrays[-1]), requires_grad=True, dtype=dtype))
    y = p.op(name, *xs, **attributes)
    if group == "value":
        p._observe("value", (y,))
    else:
        for g in p.grad(y, xs, p.constant(np.ones(np.shape(arrays[0])))):
            p._observe("value", (g,))
    program = p.program()
    facets = {"operator": name, "group": group, "class": "ordinary", "region": "ordinary"}
    return {"digest": program.digest, "dtype": "float32", "level": "must", "facets": facets,
            "key": f"{name}|{group}|ordinary|float32", "program": program.to_json()}  # fmt: skip


def copied(given, dtype):
    (made,) = copies([(given, dtype)])
    return made


def leaves(made):
    return [s.args[0] for s in Program.from_json(made["program"]).walk() if s.do == "leaf"]


@WITNESSED
@DTYPES
def test_inputs_are_rounded_and_nothing_else_is_changed(dtype):
    given = line("sin", [0.1, -1.3])
    made, truth = copied(given, dtype)
    x = leaves(made)[0]
    assert x.dtype == numpy_dtype(dtype)
    assert x.tolist() == np.float32([0.1, -1.3]).astype(x.dtype).tolist()
    assert (made["level"], made["facets"], made["dtype"]) == ("must", given["facets"], dtype)
    assert made["key"] == f"sin|vjp|ordinary|{dtype}"
    assert made["digest"] == truth["digest"] == Program.from_json(made["program"]).digest != given["digest"]


@WITNESSED
@DTYPES
def test_the_truth_is_that_of_the_rounded_inputs(dtype):
    made, truth = copied(line("sin", [0.1, -1.3]), dtype)
    (e,) = map(decode_expectation, truth["expectations"])
    exact = [math.cos(float(x)) for x in leaves(made)[0]]
    assert e.value.tolist() == np.array(exact).astype(e.value.dtype).tolist()


@WITNESSED
@DTYPES
def test_rounding_once_is_the_second_bound_within_a_tolerance_for_rounding_everywhere(dtype):
    _, truth = copied(line("nn.functional.softplus", [0.1, -1.3], beta=1, threshold=20), dtype)
    (e,) = map(decode_expectation, truth["expectations"])
    ulp = np.spacing(np.abs(e.value)).astype(float)
    assert np.all(e.second >= ulp)
    assert np.all(e.second < 1.01 * ulp)
    assert np.all(e.second < e.tolerance)
    assert np.all(e.tolerance <= 0.25 * np.max(np.abs(e.value.astype(float))))


@pytest.mark.parametrize("reason, dtype, given", [
    ("range", "float16", line("sin", [1e-9, 1.0])),             # becomes zero
    ("range", "float16", line("sin", [1e5, 1.0])),              # becomes infinite
    pytest.param("range", "float16", line("square", [300.0], group="value"), marks=WITNESSED),  # the result does
    ("merged", "bfloat16", line("sin", [1.0, 1.001])),
    ("mixed", "bfloat16", line("mul", [1.0], [2.0], dtype="float64")),
    pytest.param("refused", "float16", line("linalg.inv", [[2.0, 1.0], [1.0, 2.0]]), marks=WITNESSED),
])  # fmt: skip
def test_what_has_no_copy_has_a_reason(reason, dtype, given):
    assert copied(given, dtype) == reason
    assert reason in EXCLUDED


@WITNESSED
@pytest.mark.parametrize("given", [line("sin", [math.inf, 1.0]), line("sin", [1e5, 1.0]), line("sin", [1e-9, 1.0])])
def test_bfloat16_has_the_range_of_float32_and_infinity_stays_infinite(given):
    made, _ = copied(given, "bfloat16")
    x, original = leaves(made)[0], leaves(given)[0]
    assert x.astype(np.float32).tolist() == pytest.approx(original.tolist(), rel=2.0**-8)


@WITNESSED
def test_what_is_too_wide_to_judge_is_undecided():
    _, truth = copied(line("sub", [100.0], [99.5], alpha=1, group="value"), "bfloat16")
    assert truth["undecided"] == "loose"
    assert "a quarter" in truth["detail"]


@WITNESSED
def test_a_corpus_of_copies_is_built_loaded_and_compared(tmp_path):
    lines = [line("sin", [0.1, -1.3]), line("square", [1e5, 1.0]), line("exp", [0.5], group="value")]
    write(f"{PROGRAMS}/elementary", lines, tmp_path)
    counts = build_halves(tmp_path, processes=1)
    assert counts["cases"] == 5
    assert counts["excluded"] == {"float16 range": 1}
    assert sorted({c.dtype for c in load_cases(tmp_path / "halves")}) == ["bfloat16", "float16"]
    assert load_undecided(tmp_path / "halves") == []
    assert changed_halves(tmp_path, processes=1) == []
    write(f"{PROGRAMS}/elementary", lines[:2], tmp_path)
    assert changed_halves(tmp_path, processes=1) == ["programs/elementary", "truths/elementary"]


def _spread():
    """Of every operator a value or a derivative, by turns, and by turns in both dtypes."""
    seen, wanted = {}, {}
    for chapter in chapters(PROGRAMS, FOLDER):
        for found in read(f"{PROGRAMS}/{chapter}", FOLDER):
            facets = found["facets"]
            group = wanted.setdefault(facets["operator"], GROUPS[len(wanted) % len(GROUPS)])
            if found["dtype"] == "float32" and facets["group"] == group:
                seen.setdefault(facets["operator"], found)
    return [(found, HALVES[i % 2]) for i, found in enumerate(seen.values())]


@WITNESSED
def test_refgrad_passes_a_spread_over_all_operators():
    tasks = _spread()
    made = [(m, task) for m, task in zip(copies(tasks), tasks, strict=True) if not isinstance(m, str)]
    decided = [(m, truth) for (m, truth), _ in made if "expectations" in truth]
    assert len(decided) > 0.75 * len(tasks)
    engine = RefgradEngine()
    for m, truth in decided:
        with np.errstate(all="ignore"):
            reply = engine.run(Program.from_json(m["program"]))
        judgement = judge([decode_expectation(e) for e in truth["expectations"]], reply)
        assert judgement.status in {"pass", "permitted"}, f"{m['key']}: {judgement.reason}"


@WITNESSED
def test_the_same_lines_give_the_same_copies():
    tasks = [(line("sin", [0.1, -1.3]), dtype) for dtype in HALVES]
    assert content(m for made in copies(tasks) for m in made) == content(m for made in copies(tasks, 2) for m in made)


def test_without_what_it_needs_the_command_says_so(monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "torch" else name)
    assert main(["corpus", "halves"]) == 4
    assert "need torch; pip install 'refgrad[torch,corpus]'" in capsys.readouterr().err


@WITNESSED
@pytest.mark.skipif(
    not (FOLDER / COPIES / LOCK).exists(), reason="no copies are frozen; `conformance corpus halves` does it"
)
def test_a_spread_of_the_frozen_copies_is_what_is_built_today():
    originals = {x["key"]: x for c in chapters(PROGRAMS, FOLDER) for x in read(f"{PROGRAMS}/{c}", FOLDER)}
    kinds = [
        [x for c in chapters(k, FOLDER / COPIES) for x in read(f"{k}/{c}", FOLDER / COPIES)] for k in (PROGRAMS, TRUTHS)
    ]
    frozen = list(zip(*kinds, strict=True))[::199]  # a prime, so that it falls in step with neither dtypes nor groups
    tasks = [(originals[f"{x['key'].rpartition('|')[0]}|float32"], x["dtype"]) for x, _truth in frozen]
    assert len(frozen) > 50
    assert list(copies(tasks)) == frozen
