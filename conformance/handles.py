"""What a behaviour function holds in its hands while it is recorded: tensors, their flags, and hooks.

A handle answers to PyTorch's operators, methods and attributes; each becomes a statement of the program.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.program import Ref

Recorder = Any  # `conformance.recorder` has it, and imports this module

_IN_PLACE = ("add_", "sub_", "mul_", "div_", "zero_", "fill_", "copy_", "pow_", "clamp_", "relu_", "neg_")
_FLAGS = ("requires_grad", "is_leaf", "grad_fn", "retains_grad", "dtype", "shape", "repr", "version", "stride")


class Read:
    """A flag of a tensor, to be given to `expect`."""

    def __init__(self, name: str, *args: Any) -> None:
        self.name = name
        self.args = args


class Hook:
    """A hook of the program being recorded, which can be taken away."""

    def __init__(self, p: Recorder, name: str) -> None:
        self._p, self._ref = p, Ref(name)

    def remove(self) -> None:
        """Takes the hook away."""
        self._p._do("remove_hook", args=(self._ref,))


class Handle:
    """A tensor of the program being recorded; it answers to PyTorch's operators, methods and attributes."""

    __slots__ = ("_p", "_ref")
    __array_priority__ = 1000

    def __init__(self, p: Recorder, name: str) -> None:
        object.__setattr__(self, "_p", p)
        object.__setattr__(self, "_ref", Ref(name))

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        p = self._p
        if name in _FLAGS:
            return Read(name, self)
        if name in _IN_PLACE:
            return lambda *args, **kw: p._assign("inplace", name=name, args=(self, *args), kw=kw)
        return lambda *args, **kw: p.op(name, self, *args, **kw)

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "grad":
            self._p._do("set_grad", args=(self, value))
        elif name == "requires_grad":
            self._p._do("set_requires_grad", args=(self, value))
        else:
            raise AttributeError(f"a recorded tensor has no settable attribute {name!r}")

    @property
    def grad(self) -> Handle:
        return self._p._assign("get_grad", args=(self,))

    def backward(self, gradient: Any = None, **kw: Any) -> None:
        kw = without_defaults({"grad_tensors": gradient, **kw})
        self._p._do("backward", args=(self,), kw=kw)

    def detach(self) -> Handle:
        return self._p._assign("detach", args=(self,))

    def detach_(self) -> Handle:
        return self._p._assign("detach_", args=(self,))

    def requires_grad_(self, requires_grad: bool = True) -> Handle:
        return self._p._assign("requires_grad_", args=(self, requires_grad))

    def retain_grad(self) -> None:
        self._p._do("retain_grad", args=(self,))

    def register_hook(self, hook: Callable[[Handle], Any]) -> Hook:
        """Records what the hook does with the gradient; it gives another gradient, or None."""
        return self._p._hook("hook", self, hook)

    def register_post_accumulate_grad_hook(self, hook: Callable[[Handle], None]) -> Hook:
        """Records what the hook does with the leaf once its .grad is updated."""
        return self._p._hook("post_hook", self, hook)

    def is_inference(self) -> Read:
        return Read("is_inference", self)

    def item(self) -> Read:
        return Read("python", self)

    def tolist(self) -> Read:
        return Read("python", self)

    def __getitem__(self, index: Any) -> Handle:
        return self._p.op("getitem", self, index=index)

    def __setitem__(self, index: Any, value: Any) -> None:
        self._p._assign("inplace", name="setitem", args=(self, value), kw={"index": index})

    def __neg__(self) -> Handle:
        return self._p.op("neg", self)

    __hash__ = object.__hash__


def _binary(name: str, *, reflected: bool = False) -> Callable[[Handle, Any], Handle]:
    def method(self: Handle, other: Any) -> Handle:
        return self._p.op(name, other, self) if reflected else self._p.op(name, self, other)

    return method


def _in_place(name: str) -> Callable[[Handle, Any], Handle]:
    """The augmented assignment; the name on its left goes on as the result, which is the same tensor."""

    def method(self: Handle, other: Any) -> Handle:
        return self._p._assign("inplace", name=name, args=(self, other))

    return method


for _symbol, _operator in {
    "add": "add",
    "sub": "sub",
    "mul": "mul",
    "truediv": "div",
    "pow": "pow",
    "matmul": "matmul",
}.items():
    setattr(Handle, f"__{_symbol}__", _binary(_operator))
    setattr(Handle, f"__r{_symbol}__", _binary(_operator, reflected=True))
    if _symbol != "matmul":  # PyTorch has no in-place product of matrices: `x @= w` rebinds the name
        setattr(Handle, f"__i{_symbol}__", _in_place(f"{_operator}_"))
for _symbol in ("lt", "le", "gt", "ge"):
    setattr(Handle, f"__{_symbol}__", _binary(_symbol))


def without_defaults(kw: dict[str, Any]) -> dict[str, Any]:
    """The keywords of backward and grad that say anything."""
    return {k: v for k, v in kw.items() if v is not None and not (k == "create_graph" and v is False)}
