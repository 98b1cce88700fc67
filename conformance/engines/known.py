"""Engines that the suite has adapters for: what each needs installed, and the virtual environment that is made for it.

Every engine lives in an environment of its own, so that conflicting requirements never meet. PyTorch and refgrad run
where the suite itself does.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import AdapterError, UsageError


@dataclass(frozen=True)
class Known:
    """An adapter, the package that it imports, and the requirements at the versions it was written for."""

    target: str
    module: str
    requirements: tuple[str, ...] = ()
    variables: Mapping[str, str] = field(default_factory=dict)  # environment variables that the engine needs
    about: str = ""


def _adapter(module: str, name: str) -> str:
    return f"conformance.engines.{module}:{name}"


KNOWN: Mapping[str, Known] = {
    "refgrad": Known(_adapter("refgrad", "RefgradEngine"), "refgrad", about="the reference engine of this project"),
    "torch": Known(_adapter("torch", "TorchEngine"), "torch", about="PyTorch"),
    "autograd": Known(
        _adapter("hips_autograd", "AutogradEngine"),
        "autograd",
        ("autograd==1.9.1", "scipy==1.17.1"),
        about="HIPS autograd: NumPy functions, traced",
    ),
    "jax": Known(_adapter("jax", "JaxEngine"), "jax", ("jax==0.10.2",), about="JAX on the CPU, 64-bit enabled"),
    "micrograd": Known(
        _adapter("micrograd", "MicrogradEngine"),
        "micrograd",
        ("micrograd==0.1.0", "numpy"),
        about="micrograd: scalar nodes in arrays of objects",
    ),
    "mindspore": Known(
        _adapter("mindspore", "MindSporeEngine"),
        "mindspore",
        ("mindspore==2.10.0", "numpy<2", "scipy<1.14"),
        about="MindSpore on the CPU, executed eagerly",
    ),
    "mlx": Known(
        _adapter("mlx", "MlxEngine"), "mlx", ("mlx[cpu]==0.32.4", "numpy", "ml_dtypes"), about="MLX on the CPU"
    ),
    "mygrad": Known(_adapter("mygrad", "MyGradEngine"), "mygrad", ("mygrad==2.5.0",), about="MyGrad: NumPy, taped"),
    "paddle": Known(
        _adapter("paddle", "PaddleEngine"), "paddle", ("paddlepaddle==3.3.1",), about="PaddlePaddle on the CPU"
    ),
    "pytensor": Known(
        _adapter("pytensor", "PyTensorEngine"),
        "pytensor",
        ("pytensor==3.0.7",),
        about="PyTensor: symbolic graphs, compiled when read",
    ),
    "tensorflow": Known(
        _adapter("tensorflow", "TensorFlowEngine"),
        "tensorflow",
        ("tensorflow==2.21.0",),
        {"TF_CPP_MIN_LOG_LEVEL": "3"},
        about="TensorFlow on the CPU, gradient tapes",
    ),
    "tinygrad": Known(
        _adapter("tinygrad", "TinygradEngine"),
        "tinygrad",
        ("tinygrad==0.14.0", "numpy"),
        about="tinygrad; with clang on the path compiled, else interpreted and slow",
    ),
}
"""The engines that have a name of their own."""


def folder(name: str) -> Path:
    """Where an engine's environment lies: under ``$CONFORMANCE_ENGINES``, or the user's cache."""
    given = os.environ.get("CONFORMANCE_ENGINES")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return (Path(given) if given else cache / "refgrad-conformance" / "engines") / name


def interpreter(name: str) -> str:
    """The Python of an engine's environment; nothing if the engine is in the suite's own; raises if in neither."""
    own = folder(name) / "bin" / "python"
    if own.exists():
        return str(own)
    if not KNOWN[name].requirements or importlib.util.find_spec(KNOWN[name].module) is not None:
        return ""
    raise UsageError(
        f"engine {name!r} is not installed: run `conformance engines install {name}`, "
        "or name an interpreter that has it with --python"
    )


def variables(target: str) -> dict[str, str]:
    """The environment variables that the engine with this adapter needs."""
    for known in KNOWN.values():
        if known.target == target:
            slow = {"DEV": "PYTHON"} if known.module == "tinygrad" and shutil.which("clang") is None else {}
            return {**known.variables, **slow}
    return {}


def status(name: str) -> str:
    """Whether an engine can be run, in words."""
    try:
        found = interpreter(name)
    except UsageError:
        return "not installed"
    return f"in {Path(found).parent.parent}" if found else "here"


def install(name: str, say: Callable[[str], None]) -> Path:
    """Makes an engine's environment with the pinned requirements and sees that it can be imported; gives its folder.

    *errors*: `UsageError` for an engine that needs no environment, `AdapterError` when a step fails.
    """
    if name not in KNOWN:
        raise UsageError(f"no engine {name!r}; known engines: {', '.join(KNOWN)}")
    known = KNOWN[name]
    if not known.requirements:
        raise UsageError(f"engine {name!r} runs in the suite's own environment: install refgrad's extra of that name")
    where = folder(name)
    python = where / "bin" / "python"
    steps = (
        (f"making {where}", [sys.executable, "-m", "venv", str(where)]),
        (f"installing {' '.join(known.requirements)}", [str(python), "-m", "pip", "install", *known.requirements]),
        (f"importing {known.module}", [str(python), "-c", f"import {known.module}"]),
    )
    for what, command in steps:
        say(f"{name}: {what}")
        _run(name, what, command)
    return where


def _run(name: str, what: str, command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
        raise AdapterError(f"engine {name} could not be installed, at {what}: {last}")
