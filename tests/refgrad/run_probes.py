"""Runs the probes of documented behaviour with refgrad in PyTorch's place: ``python tests/refgrad/run_probes.py [area
or id ...]``.

The probes are read from ``$REFGRAD_PROBES`` or ``../shared/spec``. Those on features that refgrad does not have are
excluded by name, each until the feature is there. Modules that refgrad lacks are stubbed, so that a probe which needs
one fails by itself. With ``--json`` the counts and failures are one line of JSON.
"""

from __future__ import annotations

import collections
import importlib
import importlib.util
import json
import os
import pathlib
import signal
import sys
import tomllib
import types
import warnings

HERE = pathlib.Path(__file__).resolve()
SPEC = pathlib.Path(os.environ.get("REFGRAD_PROBES", HERE.parents[3] / "shared" / "spec"))
MODULES = (
    "nn",
    "nn.functional",
    "nn.utils",
    "nn.init",
    "nn.parameter",
    "autograd",
    "autograd.forward_ad",
    "autograd.functional",
    "autograd.graph",
    "autograd.function",
    "autograd.grad_mode",
    "autograd.gradcheck",
    "func",
    "utils",
    "utils.checkpoint",
    "optim",
    "linalg",
    "fft",
    "special",
    "autograd.anomaly_mode",
    "masked",
    "utils.hooks",
)


def _has(name: str) -> bool:
    """Whether refgrad has the attribute or module of this name."""
    import refgrad

    return hasattr(refgrad, name) or importlib.util.find_spec(f"refgrad.{name}") is not None


def _has_cuda() -> bool:
    import refgrad

    return refgrad.cuda.is_available()


LIBRARY = ("custom operators of torch.library", lambda: _has("library"))
DISTRIBUTIONS = ("torch.distributions", lambda: _has("distributions"))
SPARSE = ("sparse tensors", lambda: _has("sparse_coo_tensor"))
AUTOCAST = ("autocast", lambda: _has("autocast"))
CUDA = ("a CUDA device", _has_cuda)
EXCLUDED = {
    "custom.register-autograd-for-custom-op": LIBRARY,
    "nondiff.sample-versus-rsample": DISTRIBUTIONS,
    "nondiff.log-prob-score-function": DISTRIBUTIONS,
    "nondiff.gather-sparse-grad": SPARSE,
    "nondiff.embedding-sparse-grad": SPARSE,
    "nondiff.to-dense-masked-grad": SPARSE,
    "nondiff.sparse-mm-gradients": SPARSE,
    "dtype.autocast-backward-dtype": AUTOCAST,
    "device.cuda-round-trip": CUDA,
    "device.cuda-scalar-auto-transfer": CUDA,
    "device.cuda-save-on-cpu": CUDA,
    "device.cuda-backward-stream-semantics": CUDA,
}
"""The probes that do not run: the feature that each needs, and what says that the feature is there."""


class Missing(types.ModuleType):
    """Stands for a module that refgrad does not have (yet)."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (), {"__init__": _missing, "__module__": self.__name__})


def _missing(self: object, *_: object, **__: object) -> None:
    raise NotImplementedError(f"{type(self).__module__}.{type(self).__name__} is missing")


def install() -> None:
    """Puts refgrad and its modules into `sys.modules` as torch."""
    import refgrad

    sys.modules["torch"] = refgrad
    for name in MODULES:
        try:
            module = importlib.import_module(f"refgrad.{name}")
        except ModuleNotFoundError:
            module = Missing(f"torch.{name}")
            parent = sys.modules["torch" if "." not in name else f"torch.{name.rpartition('.')[0]}"]
            setattr(parent, name.rpartition(".")[2], module)
        sys.modules[f"torch.{name}"] = module


NAMES = {
    "autograd": ("Function", "gradcheck", "gradgradcheck"),
    "autograd.function": ("once_differentiable",),
    "autograd.gradcheck": ("GradcheckError",),
    "utils.checkpoint": (
        "checkpoint",
        "checkpoint_sequential",
        "CheckpointError",
        "CheckpointPolicy",
        "create_selective_checkpoint_contexts",
        "set_checkpoint_early_stop",
    ),
}
"""What the probes import by name."""


def fill_gaps() -> None:
    """Stubs the names that are imported and missing."""
    for module, names in NAMES.items():
        found = sys.modules[f"torch.{module}"]
        for name in names:
            if not hasattr(found, name):
                setattr(found, name, type(name, (), {"__init__": _missing, "__module__": module}))


def load() -> types.ModuleType:
    """The module of probes."""
    spec = importlib.util.spec_from_file_location("probes", SPEC / "probes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def rows() -> list[dict[str, str]]:
    """The documented behaviours, each with the name of its probe."""
    return tomllib.loads((SPEC / "behaviours.toml").read_text())["behaviour"]


def run(probes: types.ModuleType, row: dict[str, str]) -> tuple[str, str]:
    """PASS, FAIL, EXCLUDED or SKIP, and why."""
    import refgrad

    feature, is_there = EXCLUDED.get(row["id"], ("", None))
    if is_there is not None and not is_there():
        return "EXCLUDED", f"needs {feature}"
    refgrad.manual_seed(0)
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(20)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            getattr(probes, row["probe"])()
        except probes.Skip as why:
            return "SKIP", str(why)
        except BaseException as error:  # noqa: BLE001 - a probe may raise anything
            if os.environ.get("TRACE"):
                import traceback

                traceback.print_exc()
            return "FAIL", f"{type(error).__name__}: {error}"
        finally:
            signal.alarm(0)
            refgrad.set_grad_enabled(True)
            if hasattr(refgrad.autograd, "set_detect_anomaly"):
                refgrad.autograd.set_detect_anomaly(False)
    return "PASS", ""


def _too_long(*_: object) -> None:
    raise TimeoutError("a probe took longer than 20 s")


def tally(wanted: list[str]) -> tuple[dict[str, collections.Counter[str]], dict[str, str]]:
    """The counts by area, and why each probe that did not pass did not."""
    install()
    fill_gaps()
    probes = load()
    counts: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    reasons = {}
    for row in rows():
        if wanted and not any(w in row["id"] or w == row["area"] for w in wanted):
            continue
        status, why = run(probes, row)
        counts[row["area"]][status] += 1
        if status != "PASS":
            reasons[row["id"]] = f"{status} {why[:230]}".replace("\n", " ")
    return counts, reasons


def main(arguments: list[str]) -> int:
    """Prints what did not pass and the counts by area; 1 if a probe failed or skipped."""
    if not (SPEC / "probes.py").exists():
        print(f"{SPEC / 'probes.py'} is not there; set REFGRAD_PROBES to the folder of probes.py")  # noqa: T201
        return 4
    counts, reasons = tally([a for a in arguments if a != "--json"])
    total = sum(counts.values(), collections.Counter())
    if "--json" in arguments:
        print(json.dumps({"counts": counts, "reasons": reasons}))  # noqa: T201 - the output of a command
    else:
        for name, why in reasons.items():
            print(f"{name}: {why}")  # noqa: T201 - the output of a command
        for area, counter in counts.items():
            print(f"{area:24} {dict(counter)}")  # noqa: T201 - the output of a command
        print("all", dict(total))  # noqa: T201 - the output of a command
    return int(bool(total["FAIL"] or total["SKIP"]))


if __name__ == "__main__":
    sys.path.insert(0, str(HERE.parents[2]))
    sys.exit(main(sys.argv[1:]))
