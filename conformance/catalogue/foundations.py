"""What each area rests on: where a foundation fails, what is built on it says nothing new, and is reported as blocked."""

from __future__ import annotations

from collections.abc import Mapping

from conformance.cases import Behaviour

_GRADIENT = ("backward-scalar.sum-of-squares",)
_ACCUMULATION = ("accumulation.first-backward-stores-gradient",)

FOUNDATIONS: Mapping[str, tuple[str, ...]] = {
    "accumulation": _GRADIENT,
    "anomaly": _ACCUMULATION,
    "autograd-grad": _GRADIENT,
    "backward-arg": _GRADIENT,
    "backward-inputs": _ACCUMULATION,
    "broadcasting": _GRADIENT,
    "checkpoint": _ACCUMULATION,
    "complex": _GRADIENT,
    "create-graph": _GRADIENT,
    "custom": _ACCUMULATION,
    "dtype": _GRADIENT,
    "forward": ("forward.basic-jvp",),
    "func": _GRADIENT,
    "functional": _GRADIENT,
    "grad-layout": _ACCUMULATION,
    "grad-mode": ("grad-mode.default-enabled",),
    "gradcheck": ("gradcheck.passes-and-returns-true",),
    "graph": ("leaf.operation-result-is-not-leaf",),
    "hooks-multi": ("hooks-tensor.receives-gradient",),
    "hooks-node": _ACCUMULATION,
    "hooks-tensor": _ACCUMULATION,
    "in-place": _ACCUMULATION,
    "inference": ("grad-mode.default-enabled",),
    "learner": _GRADIENT,
    "memory": _ACCUMULATION,
    "module": _ACCUMULATION,
    "multi-views": _ACCUMULATION,
    "nondiff": _GRADIENT,
    "post-acc": _ACCUMULATION,
    "retain-graph": _ACCUMULATION,
    "saved-hooks": _ACCUMULATION,
    "threading": _ACCUMULATION,
    "views": _ACCUMULATION,
}
"""Behaviours by the area that rests on them; a behaviour that rests on more says so with `depends=`."""


def rests_on(behaviour: Behaviour) -> tuple[str, ...]:
    """The behaviours without which this one means nothing, its area's first."""
    return tuple(i for i in (*FOUNDATIONS.get(behaviour.area, ()), *behaviour.depends) if i != behaviour.id)
