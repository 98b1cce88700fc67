"""Adam: Kingma & Ba 2015; with decoupled weight decay: Loshchilov & Hutter 2019; with amsgrad: Reddi et al. 2018."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from refgrad import creation, dtypes
from refgrad.optim.optimizer import Group, Optimizer, as_real, check_options
from refgrad.tensor import Tensor


class Adam(Optimizer):
    """Steps of about `lr` in each coordinate: the mean gradient over the root of the mean square gradient.

    Both means fade by `betas`, and are corrected for having begun at zero.

    >>> from refgrad import tensor
    >>> w = tensor([1.0, 1.0], requires_grad=True)
    >>> w.grad = tensor([100.0, -0.01])
    >>> Adam([w], lr=0.1).step()
    >>> w.detach()
    tensor([0.9000, 1.1000])
    """

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 0, amsgrad: bool = False, *, foreach: bool | None = None, maximize: bool = False,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
        decoupled_weight_decay: bool = False,
    ) -> None:  # fmt: skip
        check_options(lr, weight_decay)
        if eps < 0.0:
            raise ValueError(f"Invalid epsilon value: {eps}")
        for i, beta in enumerate(betas):
            if not 0.0 <= beta < 1.0:
                raise ValueError(f"Invalid beta parameter at index {i}: {beta}")
        options = {
            "lr": lr, "betas": betas, "eps": eps, "weight_decay": weight_decay, "amsgrad": amsgrad,
            "maximize": maximize, "foreach": foreach, "capturable": capturable, "differentiable": differentiable,
            "fused": fused,
            "decoupled_weight_decay": decoupled_weight_decay,
        }  # fmt: skip
        super().__init__(params, options)

    def update(self, params: list[Tensor], group: Group) -> None:
        """Moves the parameters."""
        for p in params:
            state = self.state[p] or self._start(p, group)
            state["step"] += 1
            d, lr = -p.grad if group["maximize"] else p.grad, group["lr"]
            if group["weight_decay"] and group["decoupled_weight_decay"]:
                p.mul_(1 - lr * group["weight_decay"])
            elif group["weight_decay"]:
                d = d.add(p, alpha=group["weight_decay"])
            moments = [state[k] for k in ("exp_avg", "exp_avg_sq", "max_exp_avg_sq") if k in state]
            _move(p, d, *moments, group=group, step=state["step"].item())

    def _start(self, p: Tensor, group: Group) -> dict[str, Any]:
        """The state before the first step, with the keys that PyTorch saves."""
        keys = ["exp_avg", "exp_avg_sq", *["max_exp_avg_sq"] * group["amsgrad"]]
        state = self.state[p]
        state["step"] = creation.tensor(0.0, dtype=dtypes.float32)
        state.update({key: creation.zeros_like(p) for key in keys})
        return state


@as_real
def _move(p: Tensor, d: Tensor, mean: Tensor, square: Tensor, *largest: Tensor, group: Group, step: float) -> None:
    """One step: updates both means, then moves the parameter by their corrected quotient."""
    first, second = group["betas"]
    mean.mul_(first).add_(d, alpha=1 - first)
    square.mul_(second).addcmul_(d, d, value=1 - second)
    if largest:
        largest[0].copy_(square.maximum(largest[0]))
        square = largest[0]
    scale = group["lr"] / (1 - first**step)
    root = square.sqrt() / (1 - second**step) ** 0.5 + group["eps"]
    p.sub_(mean / root * scale)


class AdamW(Adam):
    """Adam whose weight decay shrinks the parameters directly, and not by way of the gradient."""

    def __init__(
        self, params: Iterable[Any], lr: Any = 1e-3, betas: tuple[float, float] = (0.9, 0.999), eps: float = 1e-8,
        weight_decay: float = 1e-2, amsgrad: bool = False, *, maximize: bool = False, foreach: bool | None = None,
        capturable: bool = False, differentiable: bool = False, fused: bool | None = None,
    ) -> None:  # fmt: skip
        super().__init__(
            params, lr, betas, eps, weight_decay, amsgrad, foreach=foreach, maximize=maximize, capturable=capturable,
            differentiable=differentiable, fused=fused, decoupled_weight_decay=True,
        )  # fmt: skip
