"""Times the forward and backward passes of refgrad: ``python tests/refgrad/bench.py``.

On arrays of three elements against HIPS autograd, which also works in Python on NumPy; on a million elements against
the same
gradient written by hand in NumPy. Short samples are taken in turn and the best of each counts, so that other work on
the
machine disturbs little.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np

import refgrad

OPERATIONS = 20
SMALL, LARGE = np.array([0.5, 1.5, 2.5]), np.linspace(0.5, 2.5, 1_000_000)
SMALL_TARGET, LARGE_TARGET = 0.5, 1.2


def best(functions: list[Callable[[], Any]], *, samples: int, repeats: int) -> list[float]:
    """The best time of each function in seconds, the functions taking turns."""
    found = [float("inf")] * len(functions)
    for _ in range(samples):
        for i, function in enumerate(functions):
            start = time.perf_counter()
            for _ in range(repeats):
                function()
            found[i] = min(found[i], (time.perf_counter() - start) / repeats)
    return found


def chain(sin: Callable[[Any], Any], x: Any) -> Any:
    """A chain of operations, half of them ``sin``, half of them products."""
    y = x
    for _ in range(OPERATIONS // 2):
        y = sin(y) * x
    return y


def by_refgrad(data: np.ndarray) -> refgrad.Tensor:
    """The gradient of the sum of the chain."""
    x = refgrad.from_numpy(data).requires_grad_()
    chain(refgrad.sin, x).sum().backward()
    return x.grad


by_hips = autograd.grad(lambda x: anp.sum(chain(anp.sin, x)))


def by_hand(x: np.ndarray) -> np.ndarray:
    """The same in NumPy, as one would write it."""
    tape, y = [], x
    for _ in range(OPERATIONS // 2):
        s = np.sin(y)
        tape.append((y, s))
        y = s * x
    y.sum()
    g, total = np.ones_like(x), np.zeros_like(x)
    for before, s in reversed(tape):
        total += g * s
        g = g * x * np.cos(before)
    return total + g


def main() -> int:
    """Prints both ratios; 1 if one misses its target."""
    np.testing.assert_allclose(by_refgrad(SMALL).numpy(), by_hand(SMALL))
    np.testing.assert_allclose(by_hips(SMALL), by_hand(SMALL))
    ours, hips = best([lambda: by_refgrad(SMALL), lambda: by_hips(SMALL)], samples=400, repeats=3)
    large, hand = best([lambda: by_refgrad(LARGE), lambda: by_hand(LARGE)], samples=15, repeats=1)
    microseconds = [1e6 * t / OPERATIONS for t in (ours, hips)]
    print(  # noqa: T201 - the output of a command
        f"bench: 3 elements, forward and backward per operation: {microseconds[0]:.1f} µs, "
        f"{ours / hips:.2f} times HIPS autograd's {microseconds[1]:.1f} µs (target: at most {SMALL_TARGET})"
    )
    print(  # noqa: T201 - the output of a command
        f"bench: 1e6 elements, the whole chain: {large:.2f} s, "
        f"{large / hand:.2f} times NumPy by hand's {hand:.2f} s (target: at most {LARGE_TARGET})"
    )
    return int(ours / hips > SMALL_TARGET or large / hand > LARGE_TARGET)


if __name__ == "__main__":
    sys.exit(main())
