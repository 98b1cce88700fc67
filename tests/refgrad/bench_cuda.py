"""Times refgrad against PyTorch on a CUDA device: ``python tests/refgrad/bench_cuda.py``.

Forward and backward passes of element-wise chains, products, convolutions and a ResNet-18 training step, at sizes that
fill the device and at small ones, with the bandwidth or arithmetic rate achieved beside the device's own, measured in
the same run by a copy and a product. Then operators whose sums may come in any order are repeated, and how far their
gradients differ from run to run is said. ``--device cpu --quick`` tries the script where there is no device.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import refgrad

SECONDS, ROUNDS, REPEATS = 0.3, 5, 10


class Task(NamedTuple):
    """Something to be timed: what it does once, and what it moves or computes at the least."""

    name: str
    make: Callable[[Any, str], Callable[[], Any]]  # of the namespace and the device
    amount: float  # bytes moved, or operations of arithmetic; 0 if neither says much
    unit: str  # GB/s or TFLOP/s


# --- what is timed: written once, for either namespace ----------------------------------------------------------------


def _leaf(t: Any, device: str, *shape: int) -> Any:
    values = np.linspace(0.1, 0.9, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    return t.from_numpy(values).to(device).requires_grad_()


def chain(n: int) -> Task:
    """Twelve operations on n numbers; each reads and writes its operands once, forward and backward."""

    def make(t: Any, device: str) -> Callable[[], Any]:
        x, w = _leaf(t, device, n), _leaf(t, device, n)

        def step() -> None:
            y = x
            for _ in range(4):
                y = (y * w + x).tanh()
            y.sum().backward()
            x.grad = w.grad = None

        return step

    # floats per round: 3 + 3 + 2 forward; 3 (tanh) + 6 (product) + 2 (sums of gradients) × 2 backward, at the least
    return Task(f"chain of {n:,}", make, 4 * (8 + 13) * 4.0 * n, "GB/s")


def product(n: int) -> Task:
    """A product of square matrices."""

    def make(t: Any, device: str) -> Callable[[], Any]:
        a, b = _leaf(t, device, n, n), _leaf(t, device, n, n)

        def step() -> None:
            (a @ b).sum().backward()
            a.grad = b.grad = None

        return step

    return Task(f"matmul {n}", make, 3 * 2.0 * n**3, "TFLOP/s")


def convolution(batch: int, channels: int, size: int) -> Task:
    """A convolution of 3 by 3."""

    def make(t: Any, device: str) -> Callable[[], Any]:
        x, w = _leaf(t, device, batch, channels, size, size), _leaf(t, device, channels, channels, 3, 3)

        def step() -> None:
            t.nn.functional.conv2d(x, w, padding=1).sum().backward()
            x.grad = w.grad = None

        return step

    return Task(f"conv2d {batch}x{channels}x{size}²", make, 3 * 2.0 * batch * channels**2 * 9 * size**2, "TFLOP/s")


def resnet(batch: int, size: int) -> Task:
    """A training step of ResNet-18 (He et al. 2016), with stochastic gradient descent."""

    def make(t: Any, device: str) -> Callable[[], Any]:
        model = _resnet18(t).to(device)
        optimizer = t.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        x = _leaf(t, device, batch, 3, size, size).detach()
        target = t.tensor([i % 10 for i in range(batch)]).to(device)

        def step() -> None:
            optimizer.zero_grad()
            t.nn.functional.cross_entropy(model(x), target).backward()
            optimizer.step()

        return step

    # 1.8 GFLOP multiply-adds for an image of 224 by 224, forward; backward twice as many
    return Task(f"ResNet-18 {batch}x{size}²", make, 3 * 2 * 1.82e9 * batch * (size / 224) ** 2, "TFLOP/s")


def _resnet18(t: Any) -> Any:
    nn = t.nn

    class Block(nn.Module):
        def __init__(self, before: int, channels: int, stride: int) -> None:
            super().__init__()
            self.conv1 = nn.Conv2d(before, channels, 3, stride, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(channels)
            self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
            self.bn2 = nn.BatchNorm2d(channels)
            self.skip = nn.Sequential()
            if stride != 1 or before != channels:
                self.skip = nn.Sequential(nn.Conv2d(before, channels, 1, stride, bias=False), nn.BatchNorm2d(channels))

        def forward(self, x: Any) -> Any:
            y = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
            return (y + self.skip(x)).relu()

    widths = [(64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2)]
    blocks = [b for a, c, s in widths for b in (Block(a, c, s), Block(c, c, 1))]
    return nn.Sequential(
        nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1), *blocks,
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(512, 10),
    )  # fmt: skip


LARGE = [chain(1 << 26), product(8192), convolution(64, 64, 56), resnet(32, 224)]
SMALL = [chain(1000), product(64), convolution(2, 8, 16), resnet(2, 64)]
QUICK = [chain(1000), product(32), convolution(1, 2, 8), resnet(2, 33)]

# --- timing -----------------------------------------------------------------------------------------------------------


def wait(t: Any, device: str) -> None:
    """Until the device is done."""
    if device != "cpu":
        t.cuda.synchronize()


def seconds(t: Any, device: str, step: Callable[[], Any]) -> float:
    """The best time of one step, over rounds of many, the device idle before and after each."""
    step()
    wait(t, device)
    start = time.perf_counter()
    step()
    wait(t, device)
    count = max(1, int(SECONDS / ROUNDS / (time.perf_counter() - start)))
    return min(_round(t, device, step, count) for _ in range(ROUNDS))


def _round(t: Any, device: str, step: Callable[[], Any], count: int) -> float:
    wait(t, device)
    start = time.perf_counter()
    for _ in range(count):
        step()
    wait(t, device)
    return (time.perf_counter() - start) / count


def ceilings(t: Any, device: str, *, quick: bool) -> dict[str, float]:
    """What the device does at best: bytes a second of a copy, operations a second of a product in float32."""
    n, m = (1 << 16, 128) if quick else (1 << 28, 8192)
    x, a = t.ones(n, device=device), t.ones(m, m, device=device)
    with t.no_grad():
        copy, multiply = seconds(t, device, x.clone), seconds(t, device, lambda: a @ a)
    return {"GB/s": 8.0 * n / copy, "TFLOP/s": 2.0 * m**3 / multiply}


# --- from run to run --------------------------------------------------------------------------------------------------

SUMS = """
index_add: t.zeros(n // 50, device=d).index_add(0, at, x)
scatter_add: t.zeros(n // 50, device=d).scatter_add(0, at, x)
index_put: t.zeros(n // 50, device=d).index_put((at,), x, accumulate=True)
index: x[at]
gather: x.gather(0, at)
embedding: F.embedding(at, x.reshape(-1, 8))
max_pool2d: F.max_pool2d(x.reshape(1, 4, 125, -1), 3, 1)
avg_pool2d: F.avg_pool2d(x.reshape(1, 4, 125, -1), 3, 1)
adaptive_avg_pool2d: F.adaptive_avg_pool2d(x.reshape(1, 4, 125, -1), 7)
bilinear: F.interpolate(x.reshape(1, 4, 125, -1), scale_factor=1.7, mode="bilinear")
bicubic: F.interpolate(x.reshape(1, 4, 125, -1), scale_factor=1.7, mode="bicubic")
conv2d: F.conv2d(x.reshape(1, 4, 125, -1), x[:288].reshape(8, 4, 3, 3))
cumsum: x.cumsum(0)
sum: x.exp().sum()
"""
"""Operators that add up, or whose gradients do, in an order that a device may choose anew each time."""


def repeated(t: Any, device: str, n: int) -> Iterator[tuple[str, int, float]]:
    """For each operator: how many different answers came, value and gradient, and how far apart, in ulp of the largest."""
    random = np.random.default_rng(0)
    values = random.standard_normal(n).astype(np.float32)
    at = t.from_numpy(random.integers(0, n // 50, n)).to(device)
    for line in SUMS.strip().splitlines():
        name, _, code = line.partition(": ")
        answers = [_answer(t, device, code, values, at, n) for _ in range(REPEATS)]
        different = len({a.tobytes() for a in answers})
        spread = np.ptp(np.stack(answers), axis=0).max() / np.spacing(np.abs(answers[0]).max())
        yield name, different, float(spread)


def _answer(t: Any, device: str, code: str, values: Any, at: Any, n: int) -> np.ndarray:
    x = t.from_numpy(values.copy()).to(device).requires_grad_()
    y = eval(code, {"t": t, "F": t.nn.functional, "d": device, "x": x, "at": at, "n": n})  # noqa: S307 - a line of the table above
    (y * y).sum().backward()
    return np.concatenate([p.detach().cpu().numpy().reshape(-1) for p in (y, x.grad)])


# --- the command ------------------------------------------------------------------------------------------------------


def engines() -> dict[str, Any]:
    """refgrad and, if it is installed, PyTorch."""
    try:
        import torch
    except ModuleNotFoundError:
        return {"refgrad": refgrad}
    torch.backends.cudnn.allow_tf32 = False  # which CuPy does not use either: both compute in float32
    return {"refgrad": refgrad, "torch": torch}


def measure(device: str, *, quick: bool) -> dict[str, Any]:
    """Prints a line for each measurement; gives all of them."""
    found: dict[str, Any] = {"device": device, "times": [], "repeats": []}
    for name, t in engines().items():
        best = ceilings(t, device, quick=quick)
        found[f"ceilings of {name}"] = best
        _say(f"{name:8} at best {best['GB/s'] / 1e9:8.1f} GB/s (copy), {best['TFLOP/s'] / 1e12:6.2f} TFLOP/s (matmul)")
        for task in QUICK if quick else [*LARGE, *SMALL]:
            taken = seconds(t, device, task.make(t, device))
            rate = task.amount / taken
            found["times"].append(
                {"engine": name, "task": task.name, "seconds": taken, "rate": rate, "unit": task.unit}
            )
            scale = 1e9 if task.unit == "GB/s" else 1e12
            share = rate / best[task.unit]
            _say(
                f"{name:8} {task.name:22} {taken * 1e3:10.3f} ms {rate / scale:9.3f} {task.unit} ({share:.0%} of the best)"
            )
            if device != "cpu":
                t.cuda.empty_cache()
        for operator, different, spread in repeated(t, device, 2000 if quick else 200_000):
            found["repeats"].append({"engine": name, "operator": operator, "answers": different, "ulp": spread})
            _say(f"{name:8} {operator:22} {different:3} different answers in {REPEATS} runs, {spread:.3g} ulp apart")
    return found


def _say(line: str) -> None:
    print(f"bench: {line}", flush=True)


def main() -> int:
    """Measures; 4 with one line where the device cannot be used."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that the script works")
    parser.add_argument("--json", type=Path, help="where to write all numbers")
    options = parser.parse_args()
    if options.device == "cuda":
        try:
            refgrad.zeros(1, device="cuda")
        except RuntimeError as error:
            print(f"bench: {error}", file=sys.stderr)
            return 4
    found = measure(options.device, quick=options.quick)
    if options.json is not None:
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
