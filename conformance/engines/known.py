"""Engines that the suite has adapters for: what each needs installed, and where that lies.

Every engine lives in an environment of its own, so that conflicting requirements never meet. PyTorch and refgrad run
where the suite itself does. How an environment is made is `install`'s business.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from conformance.errors import UsageError

_PACKAGE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Known:
    """An adapter, the package that it imports, and the requirements at the versions it was written for.

    The adapter is a class, ``pkg.mod:Class``, or a script over a kit with what runs it, ``stdio:node kits/tfjs.js`` or
    ``stdio:python3.8 kits/…``: for engines that this suite's Python cannot import.
    """

    target: str
    module: str
    requirements: tuple[str, ...] = ()  # as pip or npm spells them
    variables: Mapping[str, str] = field(default_factory=dict)  # environment variables; "{folder}" is the engine's own
    about: str = ""

    @property
    def runtime(self) -> str:
        """What runs the adapter's script: ``node``, ``python3.8`` …; nothing where the adapter is a class.

        >>> KNOWN["tfjs"].runtime, KNOWN["jax"].runtime
        ('node', '')
        """
        return self._words[0]

    @property
    def script(self) -> Path:
        """The adapter's script, where it has a runtime."""
        return _PACKAGE / self._words[1]

    @property
    def _words(self) -> tuple[str, str]:
        command = self.target.removeprefix("stdio:")
        runtime, _, script = command.partition(" ") if command != self.target else ("", "", "")
        return runtime, script

    @property
    def version(self) -> str:
        """The version of the engine that the adapter was written for; nothing for what runs in the suite's own Python.

        >>> KNOWN["tfjs"].version
        '4.22.0'
        """
        return re.split("==|@", self.requirements[0])[-1] if self.requirements else ""


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
    "chainer": Known(
        "stdio:python3.8 kits/chainer_engine.py",
        "chainer",
        ("chainer==7.8.1", "numpy==1.19.5", "scipy<1.6", "setuptools<58"),
        about="Chainer over the Python kit, in the Python of its time",
    ),
    "jax": Known(
        _adapter("jax", "JaxEngine"),
        "jax",
        ("jax==0.10.2",),
        {  # what was compiled once is found again by the next run, which is then several times faster, bit for bit the same
            "JAX_COMPILATION_CACHE_DIR": "{folder}/compiled",
            "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
            "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        },
        about="JAX on the CPU, 64-bit enabled",
    ),
    "jaxjs": Known(
        "stdio:node kits/jaxjs.js",
        "@jax-js/jax",
        ("@jax-js/jax@0.1.25",),
        about="jax-js on WebAssembly, in Node",
    ),
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
    "mxnet": Known(
        "stdio:python3.8 kits/mxnet_engine.py",
        "mxnet",
        ("mxnet==1.9.1", "numpy==1.23.1"),
        {"MXNET_ENGINE_TYPE": "NaiveEngine"},  # else what one case raises may come out in the next
        about="MXNet over the Python kit, in the Python of its time",
    ),
    "mygrad": Known(_adapter("mygrad", "MyGradEngine"), "mygrad", ("mygrad==2.5.0",), about="MyGrad: NumPy, taped"),
    "nnabla": Known(
        "stdio:python3.10 kits/nnabla_engine.py",
        "nnabla",
        ("nnabla==1.39.0", "numpy<2"),
        about="NNabla over the Python kit, executed as it is written, in the Python that its wheels are for",
    ),
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
    "tfjs": Known(
        "stdio:node kits/tfjs.js",
        "@tensorflow/tfjs",
        ("@tensorflow/tfjs@4.22.0",),
        about="TensorFlow.js on its pure JavaScript backend, in Node",
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
    """What runs an engine where it is installed, a Python or Node; nothing if the engine is in the suite's own Python.

    *errors*: `UsageError` if it is in neither.
    """
    known, where = KNOWN[name], folder(name)
    if known.runtime == "node":
        node = shutil.which("node")
        if node is None:
            raise UsageError(f"engine {name!r} runs in Node.js: put `node`, version 20 or later, on the PATH")
        if (where / "node_modules" / known.module).is_dir():
            return node
    elif (where / "bin" / "python").exists():
        return str(where / "bin" / "python")
    elif not known.runtime and (not known.requirements or importlib.util.find_spec(known.module) is not None):
        return ""
    remedy = "" if known.runtime == "node" else ", or name an interpreter that has it with --python"
    raise UsageError(f"engine {name!r} is not installed: run `conformance engines install {name}`{remedy}")


def variables(target: str) -> dict[str, str]:
    """The environment variables that the engine with this adapter runs with.

    >>> variables(KNOWN["mxnet"].target)
    {'MXNET_ENGINE_TYPE': 'NaiveEngine'}
    """
    for name, known in KNOWN.items():
        if known.target == target:
            found = {"NODE_PATH": str(folder(name) / "node_modules")} if known.runtime == "node" else {}
            slow = {"DEV": "PYTHON"} if known.module == "tinygrad" and shutil.which("clang") is None else {}
            own = {key: value.format(folder=folder(name)) for key, value in known.variables.items()}
            return {**own, **found, **slow}
    return {}


def status(name: str) -> str:
    """Whether an engine can be run, in words."""
    try:
        found = interpreter(name)
    except UsageError:
        return "not installed"
    return f"in {folder(name)}" if found else "here"
