"""Faults in what an operator passes back, planted at the adapter, so that they fit every engine with PyTorch's namespace.

One argument of one operator goes through the identity with a wrong derivative. The value stays right: what is wrong is
what a cotangent (`pull`) or a tangent (`push`) becomes on its way, given the argument itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from conformance.faults.registry import Fault, register

Change = Callable[[Any, Any, Any], Any]
"""What becomes of a cotangent or tangent: of the namespace, it, and the argument."""


@dataclass(frozen=True)
class Call:
    """One use of the operator, on which it may depend whether the fault shows."""

    args: tuple[Any, ...]
    kw: Mapping[str, Any]

    def tensors(self) -> list[Any]:
        """The tensors among the arguments, those in lists too."""
        flat = [a for arg in self.args for a in (arg if isinstance(arg, list | tuple) else [arg])]
        return [a for a in flat if hasattr(a, "requires_grad")]


def _always(_call: Call) -> bool:
    return True


@dataclass(frozen=True)
class Twist:
    """One operator whose gradient for one argument is wrong, in one or both modes, in some of its uses."""

    operator: str
    pull: Change | None = None
    push: Change | None = None
    argument: int = 0
    when: Callable[[Call], bool] = _always
    output: int | None = None  # instead of an argument, this one of its results

    def plant(self, engine: Any) -> None:
        """Puts the twisted operator in the place of the right one."""
        find, torch = engine.operator, engine.torch

        def operator(name: str) -> Callable[..., Any]:
            found = find(name)
            return self._twisted(torch, found) if name == self.operator else found

        engine.operator = operator

    def _twisted(self, torch: Any, function: Callable[..., Any]) -> Callable[..., Any]:
        identity = twisted_identity(torch, self.pull, self.push)

        def wrong(*args: Any, **kw: Any) -> Any:
            if self.output is not None:
                return self._twisted_result(function(*args, **kw), identity, Call(args, kw))
            i = self.argument
            if i < len(args) and _is_differentiable(args[i]) and self.when(Call(args, kw)):
                args = (*args[:i], identity(args[i]), *args[i + 1 :])
            return function(*args, **kw)

        return wrong

    def _twisted_result(self, result: Any, identity: Callable[[Any], Any], call: Call) -> Any:
        if not self.when(call):
            return result
        if hasattr(result, "requires_grad"):
            return identity(result)
        return tuple(identity(y) if i == self.output and _is_differentiable(y) else y for i, y in enumerate(result))


def _is_differentiable(x: Any) -> bool:
    return hasattr(x, "requires_grad") and (x.is_floating_point() or x.is_complex())


def twisted_identity(torch: Any, pull: Change | None, push: Change | None) -> Callable[[Any], Any]:
    """The identity of a namespace, with these as its derivatives; none stands for the right one."""

    class Twisted(torch.autograd.Function):
        generate_vmap_rule = True

        @staticmethod
        def forward(x: Any) -> Any:
            return x.view_as(x) if push is None else x.clone()

        @staticmethod
        def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
            ctx.save_for_backward(*inputs)
            ctx.save_for_forward(*inputs)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g if pull is None else pull(torch, g, x)

        @staticmethod
        def jvp(ctx: Any, t: Any) -> Any:
            (x,) = ctx.saved_tensors
            return t.view_as(t) if push is None else push(torch, t, x)

    return Twisted.apply


def planted(
    family: str,
    twists: Mapping[str, tuple[str, Twist, Sequence[str]]],
    *,
    holes: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Registers faults of one family: each with its statement, its twist, and the patterns of cases that must find it.

    `holes` says of those that nothing finds yet which class of case is missing.
    """
    for name, (statement, twist, finds) in twists.items():
        register(Fault(name, statement, twist.plant, tuple(finds), family, hole=holes.get(name, "")))
