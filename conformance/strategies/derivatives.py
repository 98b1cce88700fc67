"""How derivatives of a function are asked for: forward, and at orders 2 and 3 in every composition, as programs.

A direction is spelled as a composition is: ``fr`` is forward mode (f) over reverse mode (r), a jvp of a gradient.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from conformance.program import Program
from conformance.recorder import Handle, Recorder

DIRECTIONS: Mapping[str, tuple[str, ...]] = {
    "jvp": ("dual", "func"),
    "order2": ("rr", "fr", "rf", "ff"),
    "order3": ("rrr", "ffr", "fff"),
}
"""By group: a jvp by dual tensors or by a transformation of functions, and the compositions at higher order."""
ORDER: Mapping[str, int] = {"value": 0, "vjp": 1, "jvp": 1, "order2": 2, "order3": 3}

Function = Callable[[tuple[Handle, ...]], Sequence[Handle]]
"""The differentiated leaves -> the floating outputs. What it takes besides is recorded before."""


class Needs(NamedTuple):
    """What a direction takes: sets of tangents, cotangents of the outputs or none, and leaves that require grad."""

    tangents: int
    cotangent: bool
    requires_grad: bool


def facets(group: str, direction: str) -> dict[str, str]:
    """What the report groups by."""
    return {"order": str(ORDER[group]), "direction": direction}


def needs(direction: str) -> Needs:
    """What the direction takes.

    >>> needs("ffr")
    Needs(tangents=2, cotangent=True, requires_grad=False)
    """
    if direction in DIRECTIONS["jvp"]:
        return Needs(1, cotangent=False, requires_grad=False)
    reverse = "r" in direction
    return Needs(len(direction) - reverse, cotangent=reverse, requires_grad=direction.startswith("r"))


def record(
    p: Recorder,
    direction: str,
    function: Function,
    primals: Sequence[Handle],
    tangents: Sequence[Sequence[np.ndarray]],
    cotangents: Sequence[np.ndarray] = (),
) -> None:
    """Records the derivative of the function in this direction, and a read of everything that it gives.

    >>> p = Recorder()
    >>> x = p.leaf([1.0, 2.0])
    >>> record(p, "rf", lambda xs: [xs[0].sin()], [x], [[np.ones(2)]], [np.ones(2)])
    >>> [s.do for s in p.program().statements]
    ['leaf', 'leaf', 'leaf', 'jvp', 'grad', 'read', 'read']
    """
    reverse = direction.startswith("r")
    levels = [[_leaf(p, t, requires_grad=reverse) for t in level] for level in tangents]
    weights = [_leaf(p, w, requires_grad=direction in ("rr", "rrr")) for w in cotangents]
    for found in _RECORDERS[direction](p, function, tuple(primals), levels, weights):
        p._observe("value", (found,))


def _leaf(p: Recorder, array: np.ndarray, *, requires_grad: bool) -> Handle:
    """A leaf of the precision of the program, complex if the array is: outputs of either kind have inputs of the other."""
    single = p.dtype in ("float32", "complex64")
    if np.asarray(array).dtype.kind == "c":
        return p.leaf(array, requires_grad=requires_grad, dtype="complex64" if single else "complex128")
    return p.leaf(array, requires_grad=requires_grad, dtype="float32" if single else "float64")


def applicable(program: Program) -> bool:
    """Whether the derivative leaves a graph to differentiate at every level, so that the direction has something to show.

    The second gradient of a function with constant slope has none; refgrad, like PyTorch, then raises. Whatever else goes
    wrong is no reason to leave a program out: the oracle says it by name.
    """
    from conformance.engines.refgrad import RefgradEngine

    reply = RefgradEngine().run(program)
    return reply["status"] != "error" or "does not require grad" not in reply["error"]["message"]


def _dual(p: Recorder, f: Function, xs: tuple[Handle, ...], vs: list[list[Handle]], _ws: list[Handle]) -> list[Handle]:
    return list(_push(p, f, xs, vs[0], "dual"))


def _func(p: Recorder, f: Function, xs: tuple[Handle, ...], vs: list[list[Handle]], _ws: list[Handle]) -> list[Handle]:
    """A jvp of a jvp of …: as many as there are tangents."""
    return list(_nested(p, lambda zs: tuple(f(zs)), xs, vs))


def _forward_over_reverse(
    p: Recorder, f: Function, xs: tuple[Handle, ...], vs: list[list[Handle]], ws: list[Handle]
) -> list[Handle]:
    return list(_nested(p, lambda zs: p.vjp(lambda *z: tuple(f(z)), zs, ws)[1], xs, vs))


def _reverse_over_forward(
    p: Recorder, f: Function, xs: tuple[Handle, ...], vs: list[list[Handle]], ws: list[Handle]
) -> list[Handle]:
    """The gradient of the tangents, with respect to what they were pushed along too: it never vanishes identically."""
    pushed = _push(p, f, xs, vs[0], "dual")
    return list(p.grad(_few(pushed), [*xs, *vs[0]], _few(ws), allow_unused=True, materialize_grads=True))


def _reverse(
    p: Recorder, f: Function, xs: tuple[Handle, ...], vs: list[list[Handle]], ws: list[Handle]
) -> list[Handle]:
    """Gradients of gradients; from the second on with respect to the cotangents too, as double backward has it."""
    options = {"create_graph": True, "allow_unused": True, "materialize_grads": True}
    found = p.grad(_few(f(xs)), list(xs), _few(ws), **options)
    for last, level in enumerate(vs, start=1 - len(vs)):
        found = p.grad(
            _few(found[: len(xs)]), [*xs, *ws], _few(level), **(options | {"create_graph": last < 0 or None})
        )
    return list(found)


def _push(p: Recorder, f: Function, xs: Sequence[Handle], vs: Sequence[Handle], name: str) -> tuple[Handle, ...]:
    return p.jvp(lambda *zs: tuple(f(zs)), xs, vs, name=name)[1]


def _nested(p: Recorder, f: Function, xs: tuple[Handle, ...], levels: Sequence[Sequence[Handle]]) -> Sequence[Handle]:
    if not levels:
        return f(xs)
    return _push(p, lambda zs: _nested(p, f, zs, levels[1:]), xs, levels[0], "func")


def _few(handles: Sequence[Handle]) -> Handle | list[Handle]:
    """One handle by itself, as people write it."""
    return handles[0] if len(handles) == 1 else list(handles)


_RECORDERS: Mapping[str, Callable[..., list[Handle]]] = {
    "dual": _dual,
    "func": _func,
    "rr": _reverse,
    "fr": _forward_over_reverse,
    "rf": _reverse_over_forward,
    "ff": _func,
    "rrr": _reverse,
    "ffr": _forward_over_reverse,
    "fff": _func,
}
