"""The base class of engines that record what is done to their tensors: leaf, operator, backward, .grad."""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

from conformance.codec import encode_literal
from conformance.engines.base import Engine, describe_error
from conformance.errors import AdapterError, Unsupported
from conformance.program import Program, Ref, Statement

_CORE = frozenset({"leaf", "operator", "backward", "read"})


class ImperativeEngine(Engine):
    """Four methods make an adapter: `leaf`, `read`, `backward`, `grad`. The others unlock the feature of their name."""

    @abstractmethod
    def leaf(self, array: Any, requires_grad: bool) -> Any:
        """A new tensor with the values and dtype of the array."""

    @abstractmethod
    def backward(self, output: Any, cotangent: Any, retain_graph: bool | None) -> None:
        """Backward from one tensor; the cotangent is a tensor, or None for a scalar."""

    @abstractmethod
    def grad(self, tensor: Any) -> Any:
        """The .grad of a tensor, or None."""

    def backward_all(self, outputs: Any, cotangents: Any, options: Mapping[str, Any]) -> None:
        """Backward of several tensors, or with `create_graph` or `inputs`."""
        missing = [
            f for key, f in (("create_graph", "create-graph"), ("inputs", "backward-inputs")) if options.get(key)
        ]
        raise Unsupported(missing[0] if missing else "several-roots")

    def gradients(self, outputs: Any, inputs: Any, cotangents: Any, options: Mapping[str, Any]) -> Any:
        """Gradients returned as a tuple, without touching any .grad."""
        raise Unsupported("grad")

    def jvp(self, function: Callable[..., tuple[Any, ...]], primals: Any, tangents: Any) -> tuple[Any, Any]:
        """The outputs of a function and their tangents (None: none), along tangents of its inputs."""
        raise Unsupported("forward-mode")

    def func_jvp(self, function: Callable[..., tuple[Any, ...]], primals: Any, tangents: Any) -> tuple[Any, Any]:
        """The same by a transformation of functions, which may be nested in another one."""
        raise Unsupported("func")

    def func_vjp(self, function: Callable[..., tuple[Any, ...]], primals: Any, cotangents: Any) -> tuple[Any, Any]:
        """The outputs of a function, and cotangents of them pulled back to its inputs, by such a transformation."""
        raise Unsupported("func")

    def hook(self, tensor: Any, function: Callable[[Any], Any]) -> Any:
        """Registers a function of a tensor's gradient, which gives another one or None; gives what `remove_hook` takes."""
        raise Unsupported("tensor-hooks")

    def post_hook(self, tensor: Any, function: Callable[[Any], None]) -> Any:
        """Registers a function of a leaf that runs after its .grad was updated."""
        raise Unsupported("post-accumulate-hooks")

    def remove_hook(self, handle: Any) -> None:
        """Takes a hook away."""
        raise Unsupported("tensor-hooks")

    def custom(self, forward: Callable[..., Any], rule: Callable[..., tuple[Any, ...]], inputs: Any) -> tuple[Any, ...]:
        """The results of a function with a rule of its own. `forward` gives the results and the tensors to save;
        `rule` takes these and the results' cotangents and gives one gradient, or None, for each input.
        """
        raise Unsupported("custom-rules")

    def view(self, name: str, tensor: Any, kw: Mapping[str, Any]) -> Any:
        """An operator whose result shares the memory of the tensor."""
        raise Unsupported("views")

    def zero_grad(self, tensors: tuple[Any, ...], set_to_none: bool) -> None:
        """Sets every .grad to zero in place, or to None."""
        raise Unsupported("zero-grad")

    def detach(self, tensor: Any) -> Any:
        """The same value, constant to differentiation."""
        raise Unsupported("detach")

    def detach_(self, tensor: Any) -> Any:
        """Cuts the tensor itself from its history and returns it."""
        raise Unsupported("detach_")

    def mode(self, name: str, *args: Any) -> AbstractContextManager[Any]:
        """The context manager of ``no_grad``, ``enable_grad`` or ``set_grad_enabled``."""
        raise Unsupported("grad-mode")

    def set_grad(self, tensor: Any, value: Any) -> None:
        """Assigns .grad."""
        raise Unsupported("set-grad")

    def set_requires_grad(self, tensor: Any, value: bool) -> None:
        """Assigns requires_grad."""
        raise Unsupported("set-requires-grad")

    def requires_grad_(self, tensor: Any, value: bool) -> Any:
        """The method of this name."""
        raise Unsupported("set-requires-grad")

    def retain_grad(self, tensor: Any) -> None:
        """Asks a non-leaf to keep its .grad."""
        raise Unsupported("retain-grad")

    def inplace(self, name: str, args: tuple[Any, ...], kw: Mapping[str, Any]) -> Any:
        """An in-place operator such as ``add_`` on the first argument; returns it."""
        raise Unsupported("in-place")

    def flag(self, name: str, *tensors: Any) -> Any:
        """A flag such as ``requires_grad``, as a Python value."""
        raise Unsupported("flags")

    def run(self, program: Program) -> dict[str, Any]:
        for feature in sorted(program.features - _CORE - frozenset(self.features)):
            return {"status": "unsupported", "feature": feature}
        return _Run(self).run(program)


class _Run:
    """One execution of a program: the tensors by name, and what was observed."""

    def __init__(self, engine: ImperativeEngine) -> None:
        self.engine = engine
        self.values: dict[str, Any] = {}
        self.observations: dict[str, Any] = {}

    def run(self, program: Program) -> dict[str, Any]:
        step = 0
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                for step, statement in enumerate(program.statements):  # noqa: B007 - named in the reply
                    self.execute(statement)
        except Unsupported as needed:
            return {"status": "unsupported", "feature": needed.feature}
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is an observation
            return {"status": "error", "error": describe_error(error), "statement": step}
        return {"status": "done", "observations": self.observations}

    def execute(self, s: Statement) -> None:
        result = _STEPS[s.do](self, s, *map(self.value, s.args), **{k: self.value(v) for k, v in s.kw.items()})
        if s.do in ("raises", "warns", "read"):
            self.observations[s.out[0]] = result
        elif len(s.out) == 1 and s.do not in ("grad", "custom"):
            self.values[s.out[0]] = result
        elif s.out:
            self.values.update(zip(s.out, self.several(s, result), strict=True))

    def several(self, s: Statement, result: Any) -> tuple[Any, ...]:
        if not isinstance(result, tuple | list) or len(result) != len(s.out):
            raise AdapterError(
                f"{s.name or s.do} gave {type(result).__name__} where {len(s.out)} results were expected"
            )
        return tuple(result)

    def value(self, operand: Any) -> Any:
        if isinstance(operand, Ref):
            return self.values[operand.name]
        if isinstance(operand, tuple):
            return tuple(map(self.value, operand))
        return operand

    def body(self, s: Statement) -> None:
        for inner in s.body:
            self.execute(inner)

    def function(self, s: Statement) -> Callable[..., tuple[Any, ...]]:
        """The function that the body of a statement is: of its parameters, giving a tuple of results."""
        parameters = [inner.out[0] for inner in s.body if inner.do == "parameter"]

        def call(*xs: Any) -> tuple[Any, ...]:
            self.values.update(zip(parameters, xs, strict=True))
            self.body(s)
            return tuple(map(self.value, s.body[-1].args))

        return call

    # one method per kind of statement

    def do_leaf(self, _s: Statement, array: Any, *, requires_grad: bool) -> Any:
        return self.engine.leaf(array, requires_grad)

    def do_op(self, s: Statement, /, *args: Any, **kw: Any) -> Any:
        found = self.engine.operator(s.name)(*args, **kw)
        is_wrapped = len(s.out) == 1 and isinstance(found, tuple | list) and len(found) == 1
        return found[0] if is_wrapped else found  # the only piece of a split, say

    def do_inplace(self, s: Statement, *args: Any, **kw: Any) -> Any:
        return self.engine.inplace(s.name, args, kw)

    def do_backward(
        self, _s: Statement, tensors: Any, *, grad_tensors: Any = None, retain_graph: Any = None, **options: Any
    ) -> None:
        if isinstance(tensors, tuple) or isinstance(grad_tensors, tuple) or options:
            self.engine.backward_all(tensors, grad_tensors, {"retain_graph": retain_graph, **options})
        else:
            self.engine.backward(tensors, grad_tensors, retain_graph)

    def do_grad(self, _s: Statement, outputs: Any, inputs: Any, *, grad_outputs: Any = None, **options: Any) -> Any:
        return self.engine.gradients(outputs, inputs, grad_outputs, options)

    def do_jvp(self, s: Statement, primals: Any, tangents: Any) -> tuple[Any, ...]:
        run = self.engine.func_jvp if s.name == "func" else self.engine.jvp
        outputs, pushed = run(self.function(s), primals, tangents)
        if s.name == "dual":  # a dual number without a tangent is a constant: its tangent is zero
            pushed = [self.zeros(y) if t is None else t for y, t in zip(outputs, pushed, strict=True)]
        return (*outputs, *pushed)

    def zeros(self, like: Any) -> Any:
        return self.engine.leaf(np.zeros_like(self.engine.array(like)), False)

    def do_vjp(self, s: Statement, primals: Any, cotangents: Any) -> tuple[Any, ...]:
        outputs, pulled = self.engine.func_vjp(self.function(s), primals, cotangents)
        return (*outputs, *pulled)

    def do_hook(self, s: Statement, tensor: Any) -> Any:
        function = self.function(s)
        register = self.engine.hook if s.do == "hook" else self.engine.post_hook

        def hook(g: Any) -> Any:
            return next(iter(function(g)), None)

        hook.__name__ = f"hook_{s.out[0]}"  # as in the printed code, since errors name it
        return register(tensor, hook)

    def do_custom(self, s: Statement, *inputs: Any) -> tuple[Any, ...]:
        forward, rule = map(self.function, s.body)
        kept = s.kept

        def primal(*xs: Any) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
            results = forward(*xs)
            return results, tuple(self.values[name] for name in kept)

        def pull_back(saved: Any, cotangents: Any) -> tuple[Any, ...]:
            self.values.update(zip(kept, saved, strict=True))
            return rule(*cotangents)

        return self.engine.custom(primal, pull_back, inputs)

    def do_mode(self, s: Statement, *args: Any) -> None:
        with self.engine.mode(s.name, *args):
            self.body(s)

    def do_raises(self, s: Statement) -> dict[str, Any]:
        try:
            self.body(s)
        except Unsupported:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the engine raises is an observation
            return {"error": describe_error(error)}
        return {"none": True}

    def do_warns(self, s: Statement) -> dict[str, Any]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.body(s)
        return {
            "warnings": [
                {"classes": [c.__name__ for c in w.category.__mro__], "message": str(w.message)} for w in caught
            ]
        }

    def do_read(self, s: Statement, *tensors: Any) -> dict[str, Any]:
        if s.name == "value":
            return self.engine.observe(tensors[0])
        if s.name == "is_none":
            return {"flag": tensors[0] is None}
        if s.name == "same":
            return {"flag": tensors[0] is tensors[1]}
        if s.name in ("dtype", "shape"):
            array = self.engine.array(tensors[0])
            return {"flag": encode_literal(array.dtype.name if s.name == "dtype" else tuple(array.shape))}
        return {"flag": encode_literal(self.engine.flag(s.name, *tensors))}


_STEPS: dict[str, Callable[..., Any]] = {
    "leaf": _Run.do_leaf,
    "op": _Run.do_op,
    "inplace": _Run.do_inplace,
    "backward": _Run.do_backward,
    "grad": _Run.do_grad,
    "jvp": _Run.do_jvp,
    "vjp": _Run.do_vjp,
    "hook": _Run.do_hook,
    "post_hook": _Run.do_hook,
    "remove_hook": lambda run, _s, handle: run.engine.remove_hook(handle),
    "custom": _Run.do_custom,
    "view": lambda run, s, t, **kw: run.engine.view(s.name, t, kw),
    "zero_grad": lambda run, _s, *ts, set_to_none: run.engine.zero_grad(ts, set_to_none),
    "parameter": lambda run, s: run.values[s.out[0]],
    "result": lambda _run, _s, *_tensors: None,
    "mode": _Run.do_mode,
    "raises": _Run.do_raises,
    "warns": _Run.do_warns,
    "read": _Run.do_read,
    "detach": lambda run, _s, t: run.engine.detach(t),
    "detach_": lambda run, _s, t: run.engine.detach_(t),
    "get_grad": lambda run, _s, t: run.engine.grad(t),
    "set_grad": lambda run, _s, t, value: run.engine.set_grad(t, value),
    "set_requires_grad": lambda run, _s, t, value: run.engine.set_requires_grad(t, value),
    "requires_grad_": lambda run, _s, t, value: run.engine.requires_grad_(t, value),
    "retain_grad": lambda run, _s, t: run.engine.retain_grad(t),
}
