"""What a node keeps of the arguments and the result of its operation, and the version counters by which it notices that
they were modified. `plan_of` says how; the commonest plans have a function of their own, since calls cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from refgrad.graph import Node
from refgrad.rules import SHAPE, UNUSED, VALUE, Meta, Operator, Plan
from refgrad.tensor import Tensor


def save(node: Node, plan: Plan, args: Sequence[Any], arrays: Sequence[Any], y: Any, cell: list[int]) -> None:
    """Puts into the node what its rules need. The functions after this one do the same for the commonest plans."""
    node.xs, node.args, checks = saved_parts(plan, arrays, args)
    if plan.result == VALUE:
        node.y = y
        checks.append((cell, cell[0]))
    else:
        node.y = Meta(y.shape, y.dtype) if plan.result else None
    node.checks = checks


def _save_nothing(node: Node, plan: Plan, *_: Any) -> None:
    node.xs, node.checks, node.y, node.args = plan.unused, (), None, None


def _save_result(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: list[int]) -> None:
    node.xs, node.checks, node.y, node.args = plan.unused, ((cell, cell[0]),), y, plan.unused


def _save_shape(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: Any) -> None:
    x = arrays[0]
    node.xs, node.checks, node.y, node.args = (Meta._make((x.shape, x.dtype)),), (), None, plan.unused


def _save_argument(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: Any) -> None:
    if args[0]._inference:
        _refuse_inference()
    version = args[0]._cell
    node.xs, node.checks, node.y, node.args = arrays, ((version, version[0]),), None, args


def _save_both(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: Any) -> None:
    a, b = args
    if not (isinstance(a, Tensor) and isinstance(b, Tensor)) or a._inference or b._inference:
        save(node, plan, args, arrays, y, cell)
        return
    first, second = a._cell, b._cell
    node.xs, node.checks, node.y, node.args = arrays, ((first, first[0]), (second, second[0])), None, args


def _save_first(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: Any) -> None:
    node.xs, node.y, node.args = (arrays[0], None), None, (args[0], None)
    node.checks = _check(args[0])


def _save_second(node: Node, plan: Plan, args: Any, arrays: Any, y: Any, cell: Any) -> None:
    node.xs, node.y, node.args = (None, arrays[1]), None, (None, args[1])
    node.checks = _check(args[1])


def _check(a: Any) -> tuple[Any, ...]:
    """The version counter to check of an argument, with where it stands; nothing for a number."""
    if not isinstance(a, Tensor):
        return ()
    if a._inference:
        _refuse_inference()
    return ((version := a._cell, version[0]),)


_SAVING = {
    (UNUSED, (UNUSED,)): _save_nothing,
    (UNUSED, (UNUSED, UNUSED)): _save_nothing,
    (UNUSED, (SHAPE,)): _save_shape,
    (VALUE, (UNUSED,)): _save_result,
    (UNUSED, (VALUE,)): _save_argument,
    (UNUSED, (VALUE, VALUE)): _save_both,
    (UNUSED, (VALUE, UNUSED)): _save_first,
    (UNUSED, (UNUSED, VALUE)): _save_second,
}


def saved_parts(
    plan: Plan, arrays: Sequence[Any], args: Sequence[Any]
) -> tuple[Sequence[Any], Sequence[Any], list[Any]]:
    """What is saved of the arrays; the arguments that are saved, since a saved tensor is the tensor itself, which lives
    as long as the node; and the version counters to check, each with where it stands.
    """
    checks: list[Any] = []
    if plan.whole:
        for x, a in zip(arrays, args):  # noqa: B905 - as many; the check takes time
            if x is not a:  # a tensor's array
                if a._inference:
                    _refuse_inference()
                checks.append((version := a._cell, version[0]))
        return arrays, args, checks
    xs, kept = [], []
    for k, x, a in zip(plan.arguments, arrays, args):  # noqa: B905
        keep = k == VALUE
        kept.append(a if keep else None)
        if x is a:
            xs.append(x if k else None)
        elif keep:
            if a._inference:
                _refuse_inference()
            xs.append(x)
            checks.append((version := a._cell, version[0]))
        else:
            xs.append(Meta(x.shape, x.dtype) if k else None)
    return xs, kept, checks


def _refuse_inference() -> None:
    raise RuntimeError(
        "Inference tensors cannot be saved for backward. Please do not use Tensors created in inference mode in "
        "computation tracked by autograd. To work around this, you can make a clone to get a normal tensor and use it "
        "in autograd, or use `torch.no_grad()` instead of `torch.inference_mode()`."
    )


def plan_of(op: Operator, mask: int, edges: Sequence[Any]) -> Plan:
    """The plan for those arguments that have an edge, which `mask` tells a bit each, remembered by the operator."""
    found = op.planned[mask] = op.plan(tuple(e is not None for e in edges))
    found.save = _SAVING.get((found.result, found.arguments), save)
    missing = [i for i, e in enumerate(edges) if e is not None and not op.is_pullable(i)]
    if missing:
        del op.planned[mask]
        raise NotImplementedError(f"the derivative for argument {missing[0]} of '{op.name}' is not implemented")
    return found
