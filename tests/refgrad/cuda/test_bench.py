"""The benchmark of the device measures what it says, here in tiny sizes."""

from __future__ import annotations

import pytest

import refgrad
from tests.refgrad import bench_cuda


def test_every_measurement_comes_with_its_rate(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_cuda, "SECONDS", 0.001)
    monkeypatch.setattr(bench_cuda, "QUICK", bench_cuda.QUICK[:3])
    monkeypatch.setattr(bench_cuda, "engines", lambda: {"refgrad": refgrad})
    found = bench_cuda.measure("cuda", quick=True)
    assert [t["task"] for t in found["times"]] == [task.name for task in bench_cuda.QUICK]
    assert all(t["rate"] * t["seconds"] > 0 for t in found["times"])
    assert all(rate > 0 for rate in found["ceilings of refgrad"].values())
    assert {r["operator"] for r in found["repeats"]} == {
        line.partition(":")[0] for line in bench_cuda.SUMS.strip().splitlines()
    }


def test_answers_that_differ_from_run_to_run_are_counted(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(range(1000))

    def shaken(t, device, code, values, at, n):
        y = bench_cuda.np.ones(3, "float32")
        y[0] += next(answers) % 3 * bench_cuda.np.spacing(y[0])
        return y

    monkeypatch.setattr(bench_cuda, "_answer", shaken)
    (_, different, spread), *_ = bench_cuda.repeated(refgrad, "cuda", 2000)
    assert different == 3
    assert spread == 2.0


def test_resnet_18_has_the_published_number_of_parameters() -> None:
    model = bench_cuda._resnet18(refgrad)
    body = sum(p.numel() for name, p in model.named_parameters() if not name.startswith("14."))
    assert body == 11_176_512  # He et al. 2016, without the last layer
