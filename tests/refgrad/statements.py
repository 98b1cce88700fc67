"""Programs of random statements about tensors, run on any engine that looks like PyTorch, and what there is to see
after each: values, gradients, flags, versions, names of nodes, hooks that ran, classes of errors.
"""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator
from typing import Any

from tests.refgrad.vocabulary import STATEMENTS, functions, leaf, numbers

Statement = tuple[str, int, int, int]
"""A kind, and three numbers that choose its tensors and details."""


class Machine:
    """One engine with the tensors that a program has made so far."""

    def __init__(self, engine: Any) -> None:
        self.T, self.tensors, self.log, self.handles = engine, [], [], []
        self.functions = functions(engine, self.log)

    def step(self, statement: Statement) -> list[Any]:
        """What can be seen after the statement, the class of its error first."""
        kind, i, j, k = statement
        error = self.message = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                self.pick(0)  # there is one
                with self.mode(0 if kind == "leaf" else k):
                    made = STATEMENTS[kind](self, i, j, k)
                for x in made if isinstance(made, (list, tuple)) else [made]:
                    if isinstance(x, self.T.Tensor) and not any(x is y for y in self.tensors):
                        self.tensors.append(x)
            except (RuntimeError, TypeError, ValueError, IndexError, NotImplementedError) as raised:
                error = type(raised).__name__
                self.message = str(raised)
            return [error, sorted(self.log, key=repr), *(self.seen(x) for x in self.tensors)]

    @contextlib.contextmanager
    def mode(self, k: int) -> Iterator[None]:
        """Mostly none; sometimes without recording, or in inference mode."""
        which = {5: self.T.no_grad, 6: self.T.inference_mode}.get(k % 8)
        with which() if which else contextlib.nullcontext():
            yield

    def pick(self, i: int) -> Any:
        """One of the tensors, counted from the last."""
        if not self.tensors:
            self.tensors.append(leaf(self, 0, 1, 0))
        found = [x for x in self.tensors if not _is_adrift(x)]
        return found[-1 - i % len(found)]

    def seen(self, x: Any) -> dict[str, Any]:
        """All that can be read off a tensor."""
        found: dict[str, Any] = {}
        for name, look in SIGHTS.items():
            try:
                found[name] = look(x)
            except (RuntimeError, TypeError, AttributeError) as error:
                found[name] = type(error).__name__
        return found


SIGHTS: dict[str, Callable[[Any], Any]] = {
    "shape": lambda x: list(x.shape),
    "dtype": lambda x: str(x.dtype),
    "value": lambda x: numbers(x),
    "requires_grad": lambda x: None if _is_adrift(x) else x.requires_grad,
    "is_leaf": lambda x: x.is_leaf,
    "grad_fn": lambda x: None if x.grad_fn is None else _name(x.grad_fn),
    "output_nr": lambda x: x.output_nr,
    "version": lambda x: x._version,
    "grad": lambda x: numbers(x.grad),
    "is_view": lambda x: x._is_view(),
    "retains_grad": lambda x: x.retains_grad,
    "is_inference": lambda x: x.is_inference(),
    "base": lambda x: x._base is not None,
}


def _is_adrift(x: Any) -> bool:
    """Whether `x` is a view that was made unrecorded of a base that requires grad: PyTorch says that it requires grad
    too, and records what is done with it, but no gradient arrives anywhere; the page of no_grad says that it does not.
    """
    return x._base is not None and x._base.requires_grad and x._is_view() and _grad_fn(x) is None


def _grad_fn(x: Any) -> Any:
    try:
        return x.grad_fn
    except RuntimeError:
        return None


def _name(node: Any) -> str:
    return type(node).__name__


NOT_OURS = (
    "INTERNAL ASSERT FAILED",  # PyTorch's own defect: a further result of an operation, retained, modified in place
    "has been detached in-place",  # PyTorch keeps the tensor itself, and refuses; refgrad keeps its place in the graph
)


def differences(program: list[Statement], one: Any, other: Any) -> str | None:
    """Where two engines first show something different in a program, or None."""
    machines = Machine(one), Machine(other)
    for n, statement in enumerate(program):
        first, second = (m.step(statement) for m in machines)
        if statement[0] in {"backward", "grad"} and first[0] and first[0] == second[0]:
            return None  # a failed pass leaves some gradients behind in PyTorch, none in refgrad
        if first == second:
            continue
        if any(words in (machines[0].message or "") for words in NOT_OURS):
            return None
        what = [f"statement {n}: {statement}"]
        for place, (a, b) in enumerate(zip(first, second, strict=False)):
            if a != b:
                what.append(f"  {['error', 'log'][place] if place < 2 else f'tensor {place - 2}'}: {_differing(a, b)}")
        what += [f"  message: {m.message}" for m in machines if (first[0] or second[0])]
        return "\n".join(what)
    return None


def _differing(a: Any, b: Any) -> str:
    if isinstance(a, dict):
        a, b = {k: v for k, v in a.items() if v != b[k]}, {k: v for k, v in b.items() if v != a[k]}
    return f"{a} / {b}"
