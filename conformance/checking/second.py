"""The backward pass as a function of its own: its derivative is the second order, by differencing pull-backs, not f twice."""

from __future__ import annotations

from typing import Any

import numpy as np

from conformance.checking.tensors import TensorSubject


def second_order(subject: TensorSubject, seed: int) -> TensorSubject:
    """The pull-back of `subject` as a function of its inputs and its cotangents, at Gaussian cotangents.

    Differencing it has an error of u^(2/3) of the scale of the second derivatives; second differences of f have u^(1/2).
    """
    rng = np.random.Generator(np.random.SFC64([seed, 2]))
    run = subject.run()
    w = rng.standard_normal(subject.m)
    cotangents = [t.requires_grad_() for t in subject.cotangents(w, run.outputs)]
    count = len(subject.tensors)
    autograd, ns = subject.ns.autograd, subject.ns

    def backward(*arguments: Any) -> tuple[Any, ...]:
        recorded = ns.is_grad_enabled()
        with ns.enable_grad():
            xs = [a if a.requires_grad else a.detach().requires_grad_() for a in arguments[:count]]
            outputs = subject.select(subject.call(xs))
            pairs = [(o, c) for o, c in zip(outputs, arguments[count:], strict=True) if o.requires_grad]
            if not pairs:
                return tuple(ns.zeros_like(x) for x in xs)
            roots, seeds = zip(*pairs, strict=True)
            found = autograd.grad(roots, xs, seeds, create_graph=recorded, allow_unused=True)
        return tuple(ns.zeros_like(x) if g is None else g for x, g in zip(xs, found, strict=True))

    leaves = [t.detach().clone().requires_grad_() for t in subject.tensors]
    second = TensorSubject(backward, (*leaves, *cotangents))
    second.names = [*subject.names, *(f"cotangent of {name}" for name in subject.output_names)]
    second.aliasing = False  # the gradient by a tensor that is both inputs is their sum, by the nature of gradients
    second.batched = False  # a pull-back within a batched function is another one than that which is judged
    return second
