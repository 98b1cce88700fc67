"""What every engine is to the suite: it takes a program and gives observations.

Base classes translate; they never repair.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar

import numpy as np

from conformance.codec import encode_array
from conformance.errors import AdapterError, Unsupported, without_places
from conformance.program import Program

FEATURES: Mapping[str, str] = {
    "float64": "64-bit floats",
    "float32": "32-bit floats",
    "float16": "16-bit floats",
    "bfloat16": "brain floats",
    "complex": "complex64 and complex128 tensors",
    "detach": "a value made constant to differentiation",
    "detach_": "a tensor cut from its own history",
    "grad": "gradients returned and not accumulated, as torch.autograd.grad does",
    "create-graph": "gradients that can be differentiated again",
    "retain-graph": "a second backward through one graph",
    "several-roots": "backward of several tensors at once",
    "accumulation": "a second backward adds to .grad",
    "set-grad": ".grad can be assigned",
    "set-requires-grad": "requires_grad can be changed after creation",
    "retain-grad": "non-leaf tensors can keep their .grad",
    "backward-inputs": "backward to chosen tensors only",
    "zero-grad": "gradients set to zero or to None, as an optimizer does",
    "tensor-hooks": "functions that see and replace the gradient of a tensor",
    "post-accumulate-hooks": "functions that run once the .grad of a leaf is updated",
    "custom-rules": "functions with a derivative rule of their own",
    "views": "results that share the memory of what they were made from",
    "version-counter": "in-place changes are counted, and can be read",
    "strides": "tensors with strides that can be read",
    "anomaly-mode": "detect_anomaly",
    "threads": "several threads at once",
    "grad-mode": "no_grad, enable_grad and set_grad_enabled",
    "in-place": "operators that change a tensor",
    "forward-mode": "derivatives pushed forward along tangents",
    "func": "jvp and vjp of functions, nested in one another, as torch.func has them",
    "inference-mode": "inference_mode, which leaves nothing to record later",
    "vmap": "functions mapped over a batch",
    "functional-api": "torch.autograd.functional: products with Jacobians and Hessians, and these themselves",
    "gradcheck": "gradcheck and gradgradcheck",
    "checkpoint": "parts of a graph recomputed in backward instead of kept",
    "autocast": "operations in a lower precision chosen by a context",
    "devices": "a second class of device, if only one without data",
    "cuda": "a CUDA device",
    "sparse": "sparse tensors",
    "nested": "nested tensors",
    "masked": "masked tensors",
    "distributions": "torch.distributions",
    "library": "operators registered by their users, through torch.library",
    "compile": "regions of code compiled ahead of running",
    "dispatch": "operators as objects, and a mode that sees each call of one",
    "saved-tensors": "hooks on what operations save for backward",
    "nn": "modules, parameters and torch.nn.functional",
    "subclass": "subclasses of the tensor class",
    "flags": "requires_grad, is_leaf and grad_fn can be read",
    "identity": "two names can be asked whether they are one tensor",
    "storage": "two tensors can be asked whether they share memory",
    "item": "tensors as Python numbers",
    "repr": "tensors print as PyTorch's",
    "errors": "misuse raises PyTorch's class of error",
    "warnings": "misuse issues PyTorch's warnings",
    "namespace": "a module that stands in for `torch`",
}
"""Every feature that an adapter may declare, and what it means."""


CONFESSION = re.compile(
    r"not (yet |been )*(implemented|support(?!ed (between|for the)))|cannot calculate [vj][jv]p", re.IGNORECASE
)
"""How engines say that something is not there; what Python and NumPy say of operands that do not fit is another matter."""


class Engine(ABC):
    """An implementation under test, on one device. Subclasses name it, say what it can do, and drive it."""

    name: ClassVar[str] = ""
    version: ClassVar[str] = ""
    features: ClassVar[Collection[str]] = ()
    operators: ClassVar[Mapping[str, Callable[..., Any]]] = {}

    @abstractmethod
    def read(self, tensor: Any) -> np.ndarray:
        """The tensor as a NumPy array, its dtype kept."""

    @abstractmethod
    def run(self, program: Program) -> dict[str, Any]:
        """Runs a program; gives the reply: a status, and what each read observed."""

    def operator(self, name: str) -> Callable[..., Any]:
        """The engine's function for an operator in PyTorch's spelling; raises `Unsupported` where there is none."""
        try:
            return self.operators[name]
        except KeyError:
            raise Unsupported(f"operator:{name}") from None

    def namespace(self) -> Any:
        """The module that stands in for `torch` in namespace cases."""
        raise Unsupported("namespace")

    def observe(self, tensor: Any) -> dict[str, Any]:
        """A tensor as an observation."""
        if tensor is None:
            return {"none": True}
        array = self.array(tensor)
        try:
            return {"array": encode_array(array)}
        except KeyError:
            where = f"{type(self).__name__}.read"
            raise AdapterError(
                f"{where} returned an array of dtype {array.dtype}; return numbers or booleans"
            ) from None

    def array(self, tensor: Any) -> np.ndarray | np.generic:
        """What `read` gives; what is no array is the adapter's mistake and is said so."""
        array = self.read(tensor)
        if not isinstance(array, np.ndarray | np.generic):
            raise AdapterError(f"{type(self).__name__}.read returned {type(array).__name__}; return a NumPy array")
        return array

    def environment(self) -> dict[str, Any]:
        """Volatile facts about the engine's installation, for the report."""
        return {}


def confession(error: BaseException, words: re.Pattern[str] = CONFESSION) -> str:
    r"""What an engine says itself that it lacks: the first line of its error that says something, where it speaks of that.

    >>> confession(ValueError("[Primitive::vjp] Not implemented for SVD.")), confession(ValueError("shapes differ"))
    ('[Primitive::vjp] Not implemented for SVD.', '')
    >>> confession(ValueError("\n----\nKernel not implemented\n----"))
    'Kernel not implemented'
    """
    if isinstance(error, NotImplementedError) or words.search(str(error)):
        return next((line for line in str(error).splitlines() if line.strip("- ")), "not implemented")
    return ""


def describe_error(error: BaseException) -> dict[str, str]:
    """An error as the reply carries it: exact class, and its message but for places on this machine.

    >>> describe_error(ValueError(f"{__file__} is wrong"))
    {'class': 'ValueError', 'message': '…/conformance/engines/base.py is wrong'}
    """
    return {"class": type(error).__name__, "message": without_places(str(error))[:2000]}
