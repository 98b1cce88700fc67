"""Times the forward and backward passes of refgrad: ``python tests/refgrad/bench.py``.

On arrays of three elements, or three by three, against HIPS autograd, which also works in Python on NumPy; on a million
elements against the same gradient written by hand in NumPy. The two take turns in short samples of processor time, on
one thread. The ratio of the best times counts, since other work on the machine only ever adds to them; the median of
the ratios turn by turn is printed beside it.
"""

from __future__ import annotations

import argparse
import math
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

for _library in ("OPENBLAS", "MKL", "OMP"):
    os.environ.setdefault(f"{_library}_NUM_THREADS", "1")

import autograd  # noqa: E402 - after the number of threads
import autograd.numpy as anp  # noqa: E402 - after the number of threads
import numpy as np  # noqa: E402 - after the number of threads

import refgrad  # noqa: E402 - after the number of threads

SMALL_TARGET, LARGE_TARGET = 0.5, 1.2
VECTOR, MATRIX = np.array([0.5, 1.5, 2.5]), np.linspace(0.1, 0.9, 9).reshape(3, 3)
LARGE, BATCH = np.linspace(0.5, 2.5, 1_000_000), np.linspace(-1, 1, 1_000_000).reshape(2000, 500)
WEIGHTS = np.linspace(-0.05, 0.05, 250_000).reshape(500, 500)


# --- chains on small arrays: written once, for the functions of either library ----------------------------------------


def products(f: Any, x: Any) -> Any:
    """Sines and products in turn: 20 operations."""
    y = x
    for _ in range(10):
        y = f.sin(y) * x
    return y


def unary(f: Any, x: Any) -> Any:
    """Elementary functions, one after the other: 20 operations."""
    y = x
    for _ in range(5):
        y = f.sqrt(f.exp(f.sin(f.tanh(y))))
    return y


def binary(f: Any, x: Any) -> Any:
    """Sums, differences, products and quotients of two variables: 20 operations."""
    y = x
    for _ in range(5):
        y = (y + x) * y / x - y
    return y


def broadcast(f: Any, x: Any, row: Any, column: Any) -> Any:
    """A matrix with a row, a column and a number: 20 operations."""
    y = x
    for _ in range(5):
        y = (y * row + column - row) * 0.5
    return y


def matmul(f: Any, x: Any, vector: Any) -> Any:
    """Products of matrices, and one with a vector: 20 operations."""
    y = x
    for _ in range(19):
        y = x @ y
    return y @ vector


def mixed(f: Any, x: Any, weight: Any, bias: Any) -> Any:
    """Two layers with a normalisation, sums along rows, indexing and a change of shape, twice over: 26 operations."""
    y = x
    for _ in range(2):
        y = f.tanh(y @ weight + bias)
        y = y - f.exp(y).sum(1).reshape((3, 1))
        y = f.sin(y @ weight) * y / (y * y + 1.0)
        y = y + y[0]
    return y


class Chain(NamedTuple):
    """A function of some arrays, and how many operations it does."""

    function: Callable[..., Any]
    arrays: tuple[np.ndarray, ...]
    operations: int

    def by_refgrad(self) -> list[np.ndarray]:
        """The gradients of the sum of the result."""
        leaves = [refgrad.from_numpy(a).requires_grad_() for a in self.arrays]
        self.function(refgrad, *leaves).sum().backward()
        return [x.grad for x in leaves]

    def hips(self) -> Callable[[], Any]:
        """The same by HIPS autograd, as a function to call."""
        pull = autograd.grad(lambda xs: anp.sum(self.function(anp, *xs)))
        return lambda: pull(self.arrays)


SMALL = {
    "products": Chain(products, (VECTOR,), 20),
    "unary": Chain(unary, (VECTOR,), 20),
    "binary": Chain(binary, (VECTOR,), 20),
    "broadcast": Chain(broadcast, (MATRIX, VECTOR, VECTOR[:, None].copy()), 20),
    "matmul": Chain(matmul, (MATRIX, VECTOR), 20),
    "mixed": Chain(mixed, (MATRIX, MATRIX.T.copy(), VECTOR), 26),
}


# --- gradients of large arrays by hand --------------------------------------------------------------------------------


def products_by_hand(x: np.ndarray) -> list[np.ndarray]:
    """The gradient of the sum of `products`, as one would write it in NumPy."""
    tape, y = [], x
    for _ in range(10):
        s = np.sin(y)
        tape.append((y, s))
        y = s * x
    y.sum()
    g, total = np.ones_like(x), np.zeros_like(x)
    for before, s in reversed(tape):
        total += g * s
        g = g * x * np.cos(before)
    return [total + g]


def layers(f: Any, x: Any, weight: Any, bias: Any) -> Any:
    """Four layers with one matrix of weights."""
    y = x
    for _ in range(4):
        y = f.tanh(y @ weight + bias)
    return y


def layers_by_hand(x: np.ndarray, weight: np.ndarray, bias: np.ndarray) -> list[np.ndarray]:
    """The gradients of the sum of `layers`."""
    results = [x]
    for _ in range(4):
        results.append(np.tanh(results[-1] @ weight + bias))
    results[-1].sum()
    g, by_weight, by_bias = np.ones_like(x), np.zeros_like(weight), np.zeros_like(bias)
    for y, before in zip(reversed(results[1:]), reversed(results[:-1]), strict=True):
        g = g * (1 - y * y)
        by_bias += g.sum(0)
        by_weight += before.T @ g
        g = g @ weight.T
    return [g, by_weight, by_bias]


BIG = {
    "products": (Chain(products, (LARGE,), 20), products_by_hand),
    "layers": (Chain(layers, (BATCH, WEIGHTS, np.linspace(-1, 1, 500)), 12), layers_by_hand),
}


# --- measuring --------------------------------------------------------------------------------------------------------


class Timing(NamedTuple):
    """What two functions took: the best of each in seconds, and their ratio by the best and in the median of turns."""

    ours: float
    theirs: float
    ratio: float
    median: float


def compare(ours: Callable[[], Any], theirs: Callable[[], Any], *, samples: int, repeats: int) -> Timing:
    """The processor times of the two, which take turns."""
    turns = [(_sample(ours, repeats), _sample(theirs, repeats)) for _ in range(samples)]
    a, b = (min(column) for column in zip(*turns, strict=True))
    return Timing(a, b, a / b, statistics.median(x / y for x, y in turns))


def _sample(function: Callable[[], Any], repeats: int) -> float:
    start = time.process_time()
    for _ in range(repeats):
        function()
    return (time.process_time() - start) / repeats


def _check(found: Sequence[Any], expected: Sequence[Any]) -> None:
    for a, b in zip(found, expected, strict=True):
        np.testing.assert_allclose(a.numpy(), b, rtol=1e-9, atol=1e-12)


def small(samples: int) -> float:
    """The geometric mean of the ratios to HIPS autograd, each printed on the way."""
    ratios = []
    for name, chain in SMALL.items():
        theirs = chain.hips()
        _check(chain.by_refgrad(), theirs())
        t = compare(chain.by_refgrad, theirs, samples=samples, repeats=3)
        ratios.append((t.ratio, t.median))
        a, b = (1e6 * s / chain.operations for s in (t.ours, t.theirs))
        print(
            f"bench: small, {name:9}: {a:5.1f} µs for each operation, {t.ratio:.2f} times HIPS autograd's {b:5.1f} µs "
            f"(median of turns {t.median:.2f})"
        )
    best, median = (math.exp(statistics.fmean(map(math.log, column))) for column in zip(*ratios, strict=True))
    print(
        f"bench: small, together : {best:.2f} times HIPS autograd, the geometric mean (median of turns {median:.2f}; "
        f"target: at most {SMALL_TARGET})"
    )
    return best


def large(samples: int) -> float:
    """The largest of the ratios to NumPy by hand, each printed on the way."""
    worst = 0.0
    for name, (chain, by_hand) in BIG.items():
        _check(chain.by_refgrad(), by_hand(*chain.arrays))
        t = compare(chain.by_refgrad, lambda f=by_hand, c=chain: f(*c.arrays), samples=samples, repeats=1)
        worst = max(worst, t.ratio)
        print(
            f"bench: large, {name:9}: {1e3 * t.ours:.0f} ms for the whole, {t.ratio:.2f} times NumPy by hand's "
            f"{1e3 * t.theirs:.0f} ms (median of turns {t.median:.2f}; target: at most {LARGE_TARGET})"
        )
    return worst


def main() -> int:
    """Prints all ratios; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=150, help="turns for each small chain (default: 150)")
    samples = parser.parse_args().samples
    by_size = small(samples), large(max(3, samples // 5))
    return int(by_size[0] > SMALL_TARGET or by_size[1] > LARGE_TARGET)


if __name__ == "__main__":
    sys.exit(main())
