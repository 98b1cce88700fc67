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
from conformance.handles import Handle, Hook, Read, without_defaults
from conformance.operators import find
from conformance.program import Program, Statement


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
        self._do("backward", args=(tensors,), kw=without_defaults(kw))

    def grad(self, outputs: Any, inputs: Any, grad_outputs: Any = None, **kw: Any) -> tuple[Handle, ...]:
        """``torch.autograd.grad``: one handle per input."""
        count = len(inputs) if isinstance(inputs, tuple | list) else 1
        names = tuple(self._fresh() for _ in range(count))
        kw = without_defaults({"grad_outputs": grad_outputs, **kw})
        self._add(Statement("grad", names, _operands((outputs, inputs)), _keywords(kw)))
        return tuple(Handle(self, n) for n in names)

    def jvp(
        self, function: Callable[..., Any], primals: Sequence[Handle], tangents: Sequence[Handle], *, name: str = ""
    ) -> tuple[Any, Any]:
        """What the function gives, and its derivative along the tangents; by name ``func``, ``torch.func.jvp``."""
        body, result = self._function(function, len(primals))
        count = len(body[-1].args)
        handles = self._transformed("jvp", (tuple(primals), tuple(tangents)), body, 2 * count, name)
        return (handles[:count], handles[count:]) if isinstance(result, tuple) else (handles[0], handles[1])

    def vjp(
        self, function: Callable[..., Any], primals: Sequence[Handle], cotangents: Sequence[Handle]
    ) -> tuple[Any, tuple[Handle, ...]]:
        """``torch.func.vjp``: what the function gives, and these cotangents of it pulled back, one for each primal."""
        body, result = self._function(function, len(primals))
        count = len(body[-1].args)
        handles = self._transformed("vjp", (tuple(primals), tuple(cotangents)), body, count + len(primals))
        return (handles[:count] if isinstance(result, tuple) else handles[0]), handles[count:]

    def _transformed(
        self, do: str, args: tuple[Any, ...], body: tuple[Statement, ...], results: int, name: str = ""
    ) -> tuple[Handle, ...]:
        names = tuple(self._fresh() for _ in range(results))
        self._add(Statement(do, names, _operands(args), {}, name, body))
        return tuple(Handle(self, n) for n in names)

    def custom(self, function: Callable[..., tuple[Any, Callable[..., Any]]], *inputs: Handle) -> Any:
        """Applies a function with a derivative rule of its own, as ``torch.autograd.Function`` does.

        It gives its result, or a tuple of them, and the rule: a function of one cotangent for each result that gives
        one gradient, or None, for each input. What the rule reads of the function's tensors is saved for backward.

        >>> p = Recorder()
        >>> y = p.custom(lambda x: (x * x, lambda g: 2 * x * g), p.leaf(3.0))
        >>> [s.do for s in p.program().statements], p.program().statements[1].kept
        (['leaf', 'custom'], ('t2',))
        """
        rule: list[Callable[..., Any]] = []

        def forward(*xs: Handle) -> Any:
            result, backward = function(*xs)
            rule.append(backward)
            return result

        body, result = self._function(forward, len(inputs))
        count = len(body[-1].args)
        bodies = body, self._function(rule[0], count)[0]
        names = tuple(self._fresh() for _ in range(count))
        functions = tuple(Statement("function", body=b) for b in bodies)
        self._add(Statement("custom", names, _operands(inputs), {}, "", functions))
        handles = tuple(Handle(self, n) for n in names)
        return handles if isinstance(result, tuple) else handles[0]

    def view(self, name: str, tensor: Handle, **kw: Any) -> Handle:
        """A view of a tensor, by an operator such as ``select`` whose result shares its memory."""
        (base,), attributes = find(name).bind((tensor,), kw)
        return self._assign("view", name=name, args=(base,), kw=attributes)

    def views(self, outputs: int, name: str, tensor: Handle, **kw: Any) -> tuple[Handle, ...]:
        """So many views of a tensor at once, by an operator such as ``split``."""
        (base,), attributes = find(name).bind((tensor,), kw)
        names = tuple(self._fresh() for _ in range(outputs))
        self._add(Statement("view", names, _operands((base,)), _keywords(attributes), name))
        return tuple(Handle(self, n) for n in names)

    def zero_grad(self, *tensors: Handle, set_to_none: bool = True) -> None:
        """``Optimizer.zero_grad`` for these tensors."""
        self._do("zero_grad", args=tensors, kw={"set_to_none": set_to_none})

    def _hook(self, do: str, tensor: Handle, function: Callable[[Handle], Any]) -> Hook:
        body, _ = self._function(function, 1)
        name = self._fresh("h")
        self._add(Statement(do, (name,), _operands((tensor,)), {}, "", body))
        return Hook(self, name)

    def _function(self, function: Callable[..., Any], parameters: int) -> tuple[tuple[Statement, ...], Any]:
        """What a function does with its parameters, as a body that ends with its result, and the result itself."""
        body: list[Statement] = []
        self._blocks.append(body)
        try:
            result = function(*(self._assign("parameter") for _ in range(parameters)))
            self._do("result", args=result if isinstance(result, tuple) else () if result is None else (result,))
        finally:
            self._blocks.pop()
        return tuple(body), result

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
    def inference_mode(self, mode: bool = True) -> Iterator[None]:
        """``torch.inference_mode(mode)``."""
        with self._block("mode", name="inference_mode", args=(mode,)):
            yield

    @contextmanager
    def detect_anomaly(self, check_nan: bool = True) -> Iterator[None]:
        """``torch.autograd.detect_anomaly(check_nan)``."""
        with self._block("mode", name="autograd.detect_anomaly", args=(check_nan,)):
            yield

    @contextmanager
    def multithreading(self, mode: bool) -> Iterator[None]:
        """``torch.autograd.set_multithreading_enabled(mode)``."""
        with self._block("mode", name="autograd.set_multithreading_enabled", args=(mode,)):
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
