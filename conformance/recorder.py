"""Records a short function as a program, with what it must show. The function reads like the documented example.

`p.leaf` gives handles; Python's operators and PyTorch's method names on them become statements; `p.expect` becomes a
read in the program and an expectation beside it, which no engine ever sees.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from conformance.codec import numpy_dtype
from conformance.compare import Expectation
from conformance.operators import find
from conformance.program import Program, Ref, Statement

_IN_PLACE = ("add_", "sub_", "mul_", "div_", "zero_", "fill_", "copy_", "pow_", "clamp_", "relu_", "neg_")
_FLAGS = ("requires_grad", "is_leaf", "grad_fn", "retains_grad", "dtype", "shape", "repr")


class Recorder:
    """What a behaviour function receives as `p`: it records statements and expectations for one dtype."""

    def __init__(self, dtype: str = "float64") -> None:
        self.dtype = dtype
        self.statements: list[Statement] = []
        self.expectations: list[Expectation] = []
        self._blocks: list[list[Statement]] = [self.statements]
        self._count = 0

    def program(self) -> Program:
        """The program recorded so far."""
        return Program(tuple(self.statements))

    # statements

    def leaf(self, values: Any, *, requires_grad: bool = True, dtype: str | None = None) -> Handle:
        """A leaf tensor; it requires grad unless told otherwise."""
        array = np.asarray(values).astype(numpy_dtype(dtype or self.dtype))
        return self._assign("leaf", args=(array,), kw={"requires_grad": requires_grad})

    def constant(self, values: Any, *, dtype: str | None = None) -> Handle:
        """A tensor that does not require grad."""
        return self.leaf(values, requires_grad=False, dtype=dtype)

    def op(self, name: str, *args: Any, **kw: Any) -> Any:
        """Applies an operator in PyTorch's spelling; a tuple of handles if it has several outputs."""
        spec = find(name)
        tensors, attributes = spec.bind(args, kw)
        outputs = kw.pop("outputs", None) or spec.outputs
        if outputs is None:
            raise TypeError(f"{name} has as many outputs as its attributes say; pass outputs= through p.many")
        return self._op(spec.name, tensors, attributes, outputs)

    def many(self, outputs: int, name: str, *args: Any, **kw: Any) -> tuple[Handle, ...]:
        """Applies an operator that gives this many outputs, such as `split`."""
        spec = find(name)
        tensors, attributes = spec.bind(args, kw)
        return self._op(spec.name, tensors, attributes, outputs, as_tuple=True)

    def _op(
        self, name: str, tensors: tuple[Any, ...], kw: dict[str, Any], outputs: int, *, as_tuple: bool = False
    ) -> Any:
        if outputs == 1 and not as_tuple:
            return self._assign("op", name=name, args=tensors, kw=kw)
        names = tuple(self._fresh() for _ in range(outputs))
        self._add(Statement("op", names, _operands(tensors), _keywords(kw), name))
        return tuple(Handle(self, n) for n in names)

    def backward(
        self,
        tensors: Handle | Sequence[Handle],
        grad_tensors: Any = None,
        *,
        retain_graph: bool | None = None,
        create_graph: bool = False,
        inputs: Sequence[Handle] | None = None,
    ) -> None:
        """``torch.autograd.backward``."""
        kw = {
            "grad_tensors": grad_tensors,
            "retain_graph": retain_graph,
            "create_graph": create_graph,
            "inputs": inputs,
        }
        self._do("backward", args=(tensors,), kw=_without_defaults(kw))

    def grad(self, outputs: Any, inputs: Any, grad_outputs: Any = None, **kw: Any) -> tuple[Handle, ...]:
        """``torch.autograd.grad``: one handle per input."""
        count = len(inputs) if isinstance(inputs, tuple | list) else 1
        names = tuple(self._fresh() for _ in range(count))
        kw = _without_defaults({"grad_outputs": grad_outputs, **kw})
        self._add(Statement("grad", names, _operands((outputs, inputs)), _keywords(kw)))
        return tuple(Handle(self, n) for n in names)

    def jvp(
        self, function: Callable[..., Any], primals: Sequence[Handle], tangents: Sequence[Handle]
    ) -> tuple[Any, Any]:
        """``torch.func.jvp``: what the function gives, and its derivative along the tangents."""
        body: list[Statement] = []
        self._blocks.append(body)
        try:
            result = function(*(self._assign("parameter") for _ in primals))
            self._do("result", args=result if isinstance(result, tuple) else (result,))
        finally:
            self._blocks.pop()
        count = len(body[-1].args)
        names = tuple(self._fresh() for _ in range(2 * count))
        self._add(Statement("jvp", names, _operands((tuple(primals), tuple(tangents))), {}, "", tuple(body)))
        handles = tuple(Handle(self, n) for n in names)
        return (handles[:count], handles[count:]) if isinstance(result, tuple) else (handles[0], handles[1])

    # blocks

    @contextmanager
    def no_grad(self) -> Iterator[None]:
        """``torch.no_grad()``."""
        with self._block("mode", name="no_grad"):
            yield

    @contextmanager
    def enable_grad(self) -> Iterator[None]:
        """``torch.enable_grad()``."""
        with self._block("mode", name="enable_grad"):
            yield

    @contextmanager
    def set_grad_enabled(self, mode: bool) -> Iterator[None]:
        """``torch.set_grad_enabled(mode)`` as a context."""
        with self._block("mode", name="set_grad_enabled", args=(mode,)):
            yield

    @contextmanager
    def raises(self, error: str, words: str = "") -> Iterator[None]:
        """Expects the body to raise exactly this class, with these words in its message."""
        name = self._fresh("r")
        with self._block("raises", out=(name,)):
            yield
        self.expectations.append(Expectation(name, "error", (error, words)))

    @contextmanager
    def warns(self, category: str, words: str = "") -> Iterator[None]:
        """Expects the body to issue a warning of this category, with these words in it."""
        name = self._fresh("r")
        with self._block("warns", out=(name,)):
            yield
        self.expectations.append(Expectation(name, "warning", (category, words)))

    # expectations

    def expect(self, what: Any, value: Any, *, dtype: str | None = None, inexact: bool = False) -> None:
        """Expects a value (of a tensor or its .grad), or a flag; arrays in the dtype of the case by default.

        Values are compared exactly; `inexact` ones, written down with functions such as sine, need a tolerance.
        """
        if isinstance(what, Read):
            self._read(what.name, what.args, "flag", value)
        elif value is None:
            self._read("is_none", (what,), "flag", True)
        else:
            array = np.asarray(value).astype(numpy_dtype(dtype or self.dtype))
            self._read("value", (what,), "array", array, inexact=inexact)

    def expect_equal(self, first: Handle, second: Handle) -> None:
        """Expects two tensors to have the same value."""
        one = self._observe("value", (first,))
        two = self._observe("value", (second,))
        self.expectations.append(Expectation(two, "equal", one))

    def expect_same(self, first: Handle, second: Handle, value: bool = True) -> None:
        """Expects two names to be one tensor object (or not)."""
        self._read("same", (first, second), "flag", value)

    def expect_shared(self, first: Handle, second: Handle, value: bool = True) -> None:
        """Expects two tensors to share memory (or not)."""
        self._read("shares_storage", (first, second), "flag", value)

    def expect_mode(self, value: bool) -> None:
        """Expects ``torch.is_grad_enabled()``."""
        self._read("is_grad_enabled", (), "flag", value)

    def expect_words(self, what: Read, words: str, present: bool = True) -> None:
        """Expects a text, such as a repr, to contain these words (or not)."""
        name = self._observe(what.name, what.args)
        self.expectations.append(Expectation(name, "contains" if present else "lacks", words))

    # the recording itself

    def _read(self, what: str, args: tuple[Any, ...], kind: str, value: Any, *, inexact: bool = False) -> None:
        self.expectations.append(Expectation(self._observe(what, args), kind, value, inexact=inexact))

    def _observe(self, what: str, args: tuple[Any, ...]) -> str:
        name = self._fresh("r")
        self._add(Statement("read", (name,), _operands(args), {}, what))
        return name

    def _assign(
        self, do: str, *, args: tuple[Any, ...] = (), kw: dict[str, Any] | None = None, name: str = ""
    ) -> Handle:
        out = self._fresh()
        self._add(Statement(do, (out,), _operands(args), _keywords(kw or {}), name))
        return Handle(self, out)

    def _do(self, do: str, *, args: tuple[Any, ...] = (), kw: dict[str, Any] | None = None, name: str = "") -> None:
        self._add(Statement(do, (), _operands(args), _keywords(kw or {}), name))

    @contextmanager
    def _block(
        self, do: str, *, name: str = "", args: tuple[Any, ...] = (), out: tuple[str, ...] = ()
    ) -> Iterator[None]:
        body: list[Statement] = []
        self._blocks.append(body)
        try:
            yield
        finally:
            self._blocks.pop()
        self._add(Statement(do, out, _operands(args), {}, name, tuple(body)))

    def _add(self, statement: Statement) -> None:
        self._blocks[-1].append(statement)

    def _fresh(self, prefix: str = "t") -> str:
        self._count += 1
        return f"{prefix}{self._count}"


class Read:
    """A flag of a tensor, to be given to `expect`."""

    def __init__(self, name: str, *args: Any) -> None:
        self.name = name
        self.args = args


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
        kw = _without_defaults({"grad_tensors": gradient, **kw})
        self._p._do("backward", args=(self,), kw=kw)

    def detach(self) -> Handle:
        return self._p._assign("detach", args=(self,))

    def detach_(self) -> Handle:
        return self._p._assign("detach_", args=(self,))

    def requires_grad_(self, requires_grad: bool = True) -> Handle:
        return self._p._assign("requires_grad_", args=(self, requires_grad))

    def retain_grad(self) -> None:
        self._p._do("retain_grad", args=(self,))

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


def _operands(value: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_operand(v) for v in value)


def _operand(value: Any) -> Any:
    if isinstance(value, Handle):
        return value._ref
    if isinstance(value, tuple | list):
        return tuple(_operand(v) for v in value)
    return value


def _keywords(kw: dict[str, Any]) -> dict[str, Any]:
    return {k: _operand(v) for k, v in kw.items()}


def _without_defaults(kw: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in kw.items() if v is not None and not (k == "create_graph" and v is False)}
