"""What is said where CUDA is asked for and cannot be had: one line, with what is missing and the remedy."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import types
from collections.abc import Iterator

import pytest

import refgrad
from refgrad.backends import devices
from refgrad.errors import DeviceUnavailable
from tests.refgrad.cuda import names, stand_in
from tests.refgrad.cuda.stand_in import driver


@pytest.fixture
def cupy() -> Iterator[types.ModuleType]:
    """A CuPy that can be broken."""
    with stand_in.installed():
        yield sys.modules["cupy"]


def _reason() -> str:
    with pytest.raises(DeviceUnavailable) as caught:
        refgrad.zeros(1, device="cuda")
    assert "\n" not in str(caught.value)
    assert not refgrad.cuda.is_available()
    assert refgrad.cuda.device_count() == 0
    return str(caught.value)


def _raises(error: Exception):
    def function(*_args, **_kwargs):
        raise error

    return function


def test_cupy_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    devices.cuda.cache_clear()
    assert _reason().startswith("no CUDA device: CuPy is not installed; install refgrad[cuda12] or refgrad[cuda13]")


def test_cupy_cannot_be_loaded(cupy: types.ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    error = ImportError("libnvrtc.so.12: cannot open shared object file\nand more")
    monkeypatch.setattr(devices.importlib, "import_module", _raises(error))
    assert "CuPy cannot be loaded (libnvrtc.so.12: cannot open shared object file); install" in _reason()


def test_cupy_is_too_old(cupy: types.ModuleType) -> None:
    cupy.__version__ = "13.6.0"
    assert _reason() == "no CUDA device: CuPy 13.6.0 is too old; refgrad needs CuPy 14 or later"


def test_the_driver_is_missing(cupy: types.ModuleType) -> None:
    cupy.cuda.runtime.getDeviceCount = _raises(RuntimeError("cudaErrorInsufficientDriver: too old"))
    assert "the driver does not answer (cudaErrorInsufficientDriver: too old); install an NVIDIA driver" in _reason()


def test_no_device_is_seen(cupy: types.ModuleType) -> None:
    cupy.cuda.runtime.getDeviceCount = lambda: 0
    assert _reason() == "no CUDA device: the driver sees none; see whether CUDA_VISIBLE_DEVICES hides it"


def test_cupy_does_not_fit_the_device(cupy: types.ModuleType) -> None:
    cupy.arange = _raises(RuntimeError("no kernel image is available"))
    reason = _reason()
    assert "for CUDA 13.0 cannot compute on it (no kernel image is available); install refgrad[cuda12]" in reason


def test_a_device_that_appears_later_is_used(cupy: types.ModuleType) -> None:
    count = cupy.cuda.runtime.getDeviceCount
    cupy.cuda.runtime.getDeviceCount = lambda: 0
    _reason()
    cupy.cuda.runtime.getDeviceCount = count
    assert refgrad.zeros(1, device="cuda").is_cuda


def test_the_stand_in_leaves_nothing_behind() -> None:
    from refgrad.backends import are_all_here

    with stand_in.installed():
        refgrad.zeros(1, device="cuda")
        assert not are_all_here()
    assert are_all_here()
    assert not isinstance(sys.modules.get("cupy"), stand_in._Module)


def test_importing_refgrad_imports_no_cupy() -> None:
    code = "import sys, refgrad; refgrad.zeros(1).sum(); print([m for m in sys.modules if m.startswith('cupy')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("engine", ["refgrad", "torch"])
def test_certify_ends_in_one_line_with_the_remedy(engine: str, tmp_path) -> None:
    pytest.importorskip(engine, reason="the engine under test")
    if refgrad.cuda.is_available():
        pytest.skip("there is a CUDA device")
    command = [sys.executable, "-m", "conformance", "certify", "--engine", engine, "--device", "cuda"]
    selected = ["--select", "op/sin/value/*", "--output", str(tmp_path)]
    done = subprocess.run([*command, *selected], capture_output=True, text=True, check=False)
    assert done.returncode == 4
    (line,) = [text for text in done.stderr.splitlines() if text.startswith("conformance: engine")]
    assert line.startswith(f"conformance: engine {engine} on cuda did not start, at device: ")
    assert "install" in line


def test_the_stand_in_has_what_cupy_has() -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed, with which to compare its stand-in")
    if cupy.__version__.partition(".")[0] != "14":
        pytest.skip(f"the stand-in is of CuPy 14, installed is {cupy.__version__}")
    assert names.offered() == stand_in.OFFERED


def test_the_stand_in_offers_no_name_that_cupy_has_not(cupy: types.ModuleType) -> None:
    has = stand_in.OFFERED["attributes"]
    ours = {
        "cupy": vars(cupy),
        "cupyx": vars(sys.modules["cupyx"]),
        "cuda": vars(cupy.cuda),
        "runtime": vars(cupy.cuda.runtime),
        "memory": vars(cupy.cuda.memory),
        "pool": dir(driver.Pool),
        "stride_tricks": vars(cupy.lib.stride_tricks),
        **{c.__name__: dir(c) for c in (stand_in.ndarray, driver.Stream, driver.Event, driver.MemoryPointer)},
        "Device": dir(driver.Device),
    }
    lacking = {
        where: [n for n in names_ if not n.startswith("_") and n not in has[where]] for where, names_ in ours.items()
    }
    assert {where: names_ for where, names_ in lacking.items() if names_} == {}
