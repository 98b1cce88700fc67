"""Since which version PyTorch does what some cases show, as its releases from 2.11 on were seen to.

What a behaviour's own `since` says is about all of its cases. Here are cases by themselves; and namespace cases of
which only the version became known, since a locked list has a digest of their text, decorators included.
"""

from __future__ import annotations

from collections.abc import Mapping

from conformance.cases import BEHAVIOURS, Case

SINCE: Mapping[str, str] = {
    "autograd-grad.dict-inputs-give-dict": "2.13",
    "backward-inputs.dict-accepted": "2.13",
    "custom.apply-accepts-keywords": "2.13",
    "custom.boxed-grads-call": "2.13",
    "detach.asarray-requires-grad-true-keeps-history": "2.12",
    "detach.detach-copy-does-not-alias/detach_copy_is_detached": "2.13",
    "grad-layout.policy-relaxed-may-keep-incoming-strides": "2.13",
    "grad-mode.no-grad-result-does-not-require-grad/view_does_not_require_grad": "2.13",
    "graph.custom-function-node-name": "2.13",
}
"""By the case's id, without its dtype."""


def since(case: Case) -> str:
    """The first version that a case is about; empty where it is about all.

    >>> from dataclasses import replace
    >>> case = Case("custom.boxed-grads-call", "custom.boxed-grads-call", "must", "imperative", "float64")
    >>> since(case), since(replace(case, id="op/sin/vjp/ordinary/0a1b2c3d@float64", requirement="operator.sin.vjp"))
    ('2.13', '')
    """
    behaviour = BEHAVIOURS.get(case.requirement)
    return SINCE.get(case.id.partition("@")[0]) or (behaviour.since if behaviour is not None else "")
