"""The second bound, for cases whose first tolerance is too wide to mean much: how far a right engine is seen to stray.

Twice a radius adds up the worst of every operation; where it says little, the truth of inputs moved by an ulp and passes in
floating point with every intermediate moved by an ulp say more, and prove less. So what fails by them alone is a grade.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np
from flint import acb, arb

from conformance.codec import is_floating
from conformance.oracles import balls
from conformance.oracles.reasons import NoTruth
from conformance.oracles.tolerance import EXACT_BITS, PRECISION, observed, recorded, up_to_three_digits
from conformance.program import Program, Statement
from refgrad.backends.ball import BallArray, Tape, arithmetic, noisy_arithmetic

FACTOR = 32
MOVES = 4
BRANCHES = 8
PASSES = 8


def second_bounds(
    program: Program, dtype: str, truths: Mapping[str, np.ndarray], scales: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """32 · max(b, c) of every read: b from moved inputs and the sum of absolute products, c the spread of noisy passes.

    Raises `NoTruth` where moving an input by an ulp leaves the domain or the smooth piece.
    """
    roundoff = PRECISION[dtype][1]
    moved = [_truths(p) for p in moved_inputs(program)]
    spread = _spread(program, dtype)
    found = {}
    for read, truth in truths.items():
        change = np.max([_distance(m[read], truth) for m in moved], axis=0)
        products = roundoff * np.maximum(np.abs(scales.get(read, 0.0)), np.abs(truth))
        found[read] = up_to_three_digits(FACTOR * np.maximum(change + products, spread[read]))
    return found


def other_branches(
    program: Program, dtype: str, truths: Mapping[str, np.ndarray]
) -> tuple[dict[str, tuple[np.ndarray, ...]], dict[str, np.ndarray]]:
    """What the reads show on the branches that inputs moved by an ulp take, where it is something else; and their radii.

    The branch is forced upon the program as it is. Raises `NoTruth` for more than eight branches.
    """
    bits, roundoff, smallest = PRECISION[dtype]
    values: dict[str, list[np.ndarray]] = {read: [truth] for read, truth in truths.items()}
    radius = {read: np.zeros(truth.shape) for read, truth in truths.items()}
    for tape in _tapes(program):
        with arithmetic(EXACT_BITS, tape=tape.rewind()):
            exact = observed(program)
        with arithmetic(bits, roundoff, smallest, tape.rewind()):
            rough = observed(program, roundoff)
        for read in truths:
            found = balls.rounded_to(_midpoints(exact[read]), truths[read].dtype)
            if not any(np.array_equal(found, known) for known in values[read]):
                values[read].append(found)
            radius[read] = np.maximum(radius[read], rough[read].radii())
    if any(len(known) > BRANCHES for known in values.values()):
        raise NoTruth("branch", f"engines may take more than {BRANCHES} branches")
    return {read: tuple(known[1:]) for read, known in values.items()}, radius


def _tapes(program: Program) -> list[Tape]:
    """The different decisions that moved inputs lead to."""
    found: list[Tape] = []
    for moved in moved_inputs(program, 2 * BRANCHES):
        tape = recorded(moved)
        if not any(_same(tape, other) for other in found):
            found.append(tape)
    return found


def _same(a: Tape, b: Tape) -> bool:
    return len(a.decisions) == len(b.decisions) and all(
        name == other and np.array_equal(value, decision)
        for (name, value), (other, decision) in zip(a.decisions, b.decisions, strict=True)
    )


def moved_inputs(program: Program, moves: int = MOVES) -> Iterator[Program]:
    """The program with every floating input moved by one ulp up or down, zeros excepted; a few such choices, always the same."""
    for seed in range(moves):
        rng = np.random.default_rng(seed)
        yield Program(tuple(_moved(s, rng) for s in program.statements))


def _moved(s: Statement, rng: np.random.Generator) -> Statement:
    if s.do != "leaf" or not is_floating(s.args[0].dtype):
        return s
    x = s.args[0]
    parts = [x.real, x.imag] if x.dtype.kind == "c" else [x]
    moved = [
        np.where(p == 0, p, np.nextafter(p, rng.choice([-np.inf, np.inf], p.shape).astype(p.dtype))) for p in parts
    ]
    return replace(s, args=((moved[0] + 1j * moved[1] if len(moved) == 2 else moved[0]).astype(x.dtype),))


def _truths(program: Program) -> dict[str, np.ndarray]:
    found = balls.derivatives(program)
    if any(d.kinks.any() for d in found.values()):
        raise NoTruth("wide", "inputs moved by one ulp come to a kink")
    return {r: d.value for r, d in found.items()} if found else balls.values(program)


def _distance(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """How far two truths are apart; equal infinities not at all."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.where(a == b, 0.0, np.abs(a.astype(_wide(a)) - b.astype(_wide(b))))


def _wide(x: np.ndarray) -> type:
    return np.complex128 if x.dtype.kind == "c" else np.float64


def _spread(program: Program, dtype: str) -> dict[str, np.ndarray]:
    """By read, how far the results of noisy passes are from one another."""
    bits, roundoff, _smallest = PRECISION[dtype]
    tape = recorded(program)
    passes = []
    for seed in range(PASSES):
        with noisy_arithmetic(bits, _noise(seed, roundoff), roundoff, tape.rewind()):
            passes.append(observed(program))
    reads = {read for read, y in passes[0].items() if isinstance(y, BallArray)}
    return {read: _range([_numbers(found[read]) for found in passes]) for read in reads}


def _noise(seed: int, roundoff: float) -> Callable[[arb], arb]:
    """The midpoint moved by up to one ulp."""
    rng = random.Random(seed)  # noqa: S311 - the same choices every time are what is wanted
    return lambda y: (y.mid() * arb(1 + 2 * roundoff * rng.uniform(-1.0, 1.0))).mid()


def _midpoints(y: BallArray) -> np.ndarray:
    parts = _numbers(y)
    return parts[..., 0] + 1j * parts[..., 1] if y.dtype.kind == "c" else parts[..., 0]


def _numbers(y: BallArray) -> np.ndarray:
    """Midpoints, of complex balls both parts in a last dimension."""
    parts = [(v.real, v.imag) if isinstance(v, acb) else (v,) for v in y.data.flat]
    numbers = np.array([[float(p.mid()) for p in row] for row in parts], np.float64)
    return numbers.reshape(*y.shape, 2 if y.dtype.kind == "c" else 1)


def _range(passes: list[np.ndarray]) -> np.ndarray:
    with np.errstate(invalid="ignore", over="ignore"):
        return np.max(np.max(passes, axis=0) - np.min(passes, axis=0), axis=-1, initial=0.0)
