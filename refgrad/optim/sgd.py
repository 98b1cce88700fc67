"""Stochastic gradient descent."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refgrad.optim.optimizer import Group, Optimizer, check_options
from refgrad.tensor import Tensor


class SGD(Optimizer):
    """``p -= lr * v`` with ``v = momentum * v + (1 - dampening) * grad``; in the first step v is the gradient itself.

    With `nesterov` the parameter moves by ``grad + momentum * v``.

    >>> from refgrad import tensor
    >>> w = tensor([1.0], requires_grad=True)
    >>> w.grad = tensor([2.0])
    >>> SGD([w], lr=0.1).step()
    >>> w.detach()
    tensor([0.8000])
    """

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, momentum: float = 0, dampening: float = 0, weight_decay: Any = 0,
        nesterov: bool = False, *, maximize: bool = False, foreach: bool | None = None, differentiable: bool = False,
        fused: bool | None = None,
    ) -> None:  # fmt: skip
        check_options(lr, weight_decay, momentum=momentum)
        if nesterov and (momentum <= 0 or dampening != 0):
            raise ValueError("Nesterov momentum requires a momentum and zero dampening")
        options = {
            "lr": lr, "momentum": momentum, "dampening": dampening, "weight_decay": weight_decay, "nesterov": nesterov,
            "maximize": maximize, "foreach": foreach, "differentiable": differentiable, "fused": fused,
        }  # fmt: skip
        super().__init__(params, options)

    def update(self, params: list[Tensor], group: Group) -> None:
        """Moves the parameters against their gradients."""
        for p in params:
            d = -p.grad if group["maximize"] else p.grad
            if group["weight_decay"]:
                d = d.add(p, alpha=group["weight_decay"])
            if group["momentum"]:
                d = self._with_momentum(p, d, group)
            p.add_(d, alpha=-group["lr"]) if not isinstance(group["lr"], Tensor) else p.add_(d * -group["lr"])

    def _with_momentum(self, p: Tensor, d: Tensor, group: Group) -> Tensor:
        """The direction of this step, by the velocity that is kept from step to step."""
        velocity = self.state[p].get("momentum_buffer")
        if velocity is None:
            velocity = self.state[p]["momentum_buffer"] = d.detach().clone()
        else:
            velocity.mul_(group["momentum"]).add_(d, alpha=1 - group["dampening"])
        return d.add(velocity, alpha=group["momentum"]) if group["nesterov"] else velocity
