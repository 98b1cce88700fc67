"""The cost of check_gradients beside ``torch.autograd.gradcheck``, same function, same run: ``python tests/conformance/bench.py``.

The two take turns, a few calls each, so that both meet the same caches and the same load. Times are of the process on its
processor: what else runs on the machine does not count, and threads do. Ratios of medians and of the best times; below 1 the
projected check is faster than gradcheck's fast mode; the full one is to be 15 times as fast as its slow mode.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Mapping
from itertools import pairwise
from statistics import median
from typing import Any

from conformance.check import check_gradients

_CALLS = 5  # in a row, as a test of several cases makes them

Maker = Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]


def _rand(torch: Any, *shape: int) -> Any:
    made = torch.randn(*shape, generator=torch.Generator().manual_seed(sum(shape)), dtype=torch.float64)
    return made.requires_grad_()


def _unary(fn: Callable[[Any, Any], Any], *shape: int) -> Maker:
    return lambda torch: (lambda x: fn(torch, x), (_rand(torch, *shape),))


def _cholesky(torch: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    a = _rand(torch, 8, 8).detach()
    spd = (a @ a.mT + 8 * torch.eye(8, dtype=torch.float64)).requires_grad_()
    return lambda x: torch.linalg.cholesky((x + x.mT) / 2), (spd,)


def _mlp(torch: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    widths = (8, 16, 8, 4)

    def network(x: Any, *parameters: Any) -> Any:
        layers = list(zip(parameters[::2], parameters[1::2], strict=True))
        for weight, bias in layers[:-1]:
            x = torch.tanh(x @ weight + bias)
        return x @ layers[-1][0] + layers[-1][1]

    parameters = [p for a, b in pairwise(widths) for p in (_rand(torch, a, b), _rand(torch, b))]
    return network, (_rand(torch, 4, 8), *parameters)


FUNCTIONS: Mapping[str, Maker] = {
    "sin 100": _unary(lambda torch, x: torch.sin(x), 100),
    "matmul 16x16": lambda torch: (torch.matmul, (_rand(torch, 16, 16), _rand(torch, 16, 16))),
    "conv2d 1x2x8x8 3x2x3x3": lambda torch: (
        lambda x, w: torch.nn.functional.conv2d(x, w),
        (_rand(torch, 1, 2, 8, 8), _rand(torch, 3, 2, 3, 3)),
    ),
    "softmax 10x10": _unary(lambda torch, x: torch.softmax(x, -1), 10, 10),
    "cumsum 10x10": _unary(lambda torch, x: torch.cumsum(x, -1), 10, 10),
    "cholesky 8x8": _cholesky,
    "3-layer MLP": _mlp,
    "logsumexp 32x32": _unary(lambda torch, x: torch.logsumexp(x, -1), 32, 32),
}


def main(rounds: int = 30) -> int:
    """Prints the ratios; the exit code says whether all goals are met."""
    import torch

    torch.set_num_threads(1)
    print(
        f"{'function':22} {'fast':>7} {'projected':>9} {'ratio':>6} {'best':>6} {'slow':>8} {'full':>7} {'ratio':>6} {'best':>6}"
    )
    met = [_compare(torch, name, rounds) for name in FUNCTIONS]
    print("times in µs; goals: projected/fast at most 1, slow/full at least 15: met by", f"{sum(met)} of {len(met)}")
    return 0 if all(met) else 1


def _compare(torch: Any, name: str, rounds: int) -> bool:
    """Prints one line; whether both goals are met."""
    fn, inputs = FUNCTIONS[name](torch)
    gradcheck = torch.autograd.gradcheck
    fast, projected = _turns(
        rounds, lambda: gradcheck(fn, inputs, fast_mode=True), lambda: check_gradients(fn, *inputs)
    )
    few = max(3, rounds // 6)
    slow, full = _turns(few, lambda: gradcheck(fn, inputs), lambda: check_gradients(fn, *inputs, mode="full"))
    cheap, speedup = median(projected) / median(fast), median(slow) / median(full)
    print(
        f"{name:22} {1e6 * median(fast):7.0f} {1e6 * median(projected):9.0f} {cheap:6.2f} {min(projected) / min(fast):6.2f} "
        f"{1e6 * median(slow):8.0f} {1e6 * median(full):7.0f} {speedup:6.1f} {min(slow) / min(full):6.1f}"
    )
    return cheap <= 1 and speedup >= 15


def _turns(rounds: int, first: Callable[[], Any], second: Callable[[], Any]) -> tuple[list[float], list[float]]:
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        for each, call in zip(times, (first, second), strict=True):
            begin = time.process_time()
            for _ in range(_CALLS):
                call()
            each.append((time.process_time() - begin) / _CALLS)
    return times[0][1:], times[1][1:]


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
