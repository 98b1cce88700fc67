"""Scaling losses up and gradients back down, so that small gradients survive in half precision."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from refgrad.modes import no_grad
from refgrad.optim.optimizer import Optimizer
from refgrad.tensor import Tensor


class GradScaler:
    """Keeps a factor for losses: halved when gradients overflow, whose step is skipped; doubled after long success.

    >>> from refgrad import nn, ones, optim
    >>> w = nn.Parameter(ones(1))
    >>> optimizer, scaler = optim.SGD([w], lr=0.5), GradScaler("cpu", init_scale=4.0)
    >>> scaler.scale((3 * w).sum()).backward()
    >>> w.grad
    tensor([12.])
    >>> scaler.step(optimizer)
    >>> scaler.update()
    >>> w.detach()
    tensor([-0.5000])
    """

    def __init__(
        self,
        device: str = "cuda",
        init_scale: float = 2.0**16,
        growth_factor: float = 2.0,
        backoff_factor: float = 0.5,
        growth_interval: int = 2000,
        enabled: bool = True,
    ) -> None:
        if growth_factor <= 1.0:
            raise AssertionError("The growth factor must be > 1.0.")
        if backoff_factor >= 1.0:
            raise AssertionError("The backoff factor must be < 1.0.")
        self._device, self._enabled, self._scale, self._used = device, enabled, init_scale, False
        self._growth, self._backoff, self._interval, self._tracker = growth_factor, backoff_factor, growth_interval, 0
        self._done: dict[Optimizer, set[str]] = defaultdict(set)

    def scale(self, outputs: Any) -> Any:
        """The loss, or each of several, times the factor."""
        if not self._enabled:
            return outputs
        self._used = True
        if isinstance(outputs, Tensor):
            return outputs * self._scale
        if isinstance(outputs, Iterable):
            kind = type(outputs) if isinstance(outputs, (list, tuple)) else iter
            return kind([self.scale(x) for x in outputs])
        raise ValueError("outputs must be a Tensor or an iterable of Tensors")

    @no_grad()
    def unscale_(self, optimizer: Optimizer) -> None:
        """Divides the gradients of the optimizer's parameters by the factor: once for each update."""
        if not self._enabled:
            return
        if "unscaled" in self._done[optimizer]:
            raise RuntimeError("unscale_() has already been called on this optimizer since the last update().")
        if "stepped" in self._done[optimizer]:
            raise RuntimeError("unscale_() is being called after step().")
        self._done[optimizer].add("unscaled")
        for group in optimizer.param_groups:
            for p in (p for p in group["params"] if p.grad is not None):
                p.grad.mul_(1 / self._scale)
                if not p.grad.isfinite().all():
                    self._done[optimizer].add("overflown")

    def step(self, optimizer: Optimizer, *args: Any, **kwargs: Any) -> Any:
        """What the optimizer's step gives, after unscaling; no step if a gradient is not finite."""
        if not self._enabled:
            return optimizer.step(*args, **kwargs)
        if "closure" in kwargs:
            raise RuntimeError("Closure use is not currently supported if GradScaler is enabled.")
        self._check_used("step")
        if "stepped" in self._done[optimizer]:
            raise RuntimeError("step() has already been called since the last update().")
        if "unscaled" not in self._done[optimizer]:
            self.unscale_(optimizer)
        result = None if "overflown" in self._done[optimizer] else optimizer.step(*args, **kwargs)
        self._done[optimizer].add("stepped")
        return result

    def update(self, new_scale: Any = None) -> None:
        """Changes the factor by what happened since the last update, or to the one given."""
        if not self._enabled:
            return
        self._check_used("update")
        if new_scale is not None:
            self._scale = float(new_scale)
        elif any("overflown" in done for done in self._done.values()):
            self._scale, self._tracker = self._scale * self._backoff, 0
        else:
            self._tracker += 1
            if self._tracker == self._interval:
                self._scale, self._tracker = self._scale * self._growth, 0
        self._done.clear()

    def _check_used(self, name: str) -> None:
        if not self._used:
            raise AssertionError(
                f"Attempted {name} but _scale is None.  This may indicate your script did not use scaler.scale(loss or "
                "outputs) earlier in the iteration."
            )

    def get_scale(self) -> float:
        """The factor."""
        return self._scale if self._enabled else 1.0

    def is_enabled(self) -> bool:
        """Whether it scales at all."""
        return self._enabled

    def state_dict(self) -> dict[str, Any]:
        """What `load_state_dict` takes, with PyTorch's keys."""
        if not self._enabled:
            return {}
        return {
            "scale": self._scale,
            "growth_factor": self._growth,
            "backoff_factor": self._backoff,
            "growth_interval": self._interval,
            "_growth_tracker": self._tracker,
        }

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Takes over a saved state."""
        if not self._enabled:
            return
        if not state_dict:
            raise RuntimeError(
                "The source state dict is empty, possibly because it was saved from a disabled instance of GradScaler."
            )
        self._scale, self._growth, self._backoff = (state_dict[k] for k in ("scale", "growth_factor", "backoff_factor"))
        self._interval, self._tracker = state_dict["growth_interval"], state_dict["_growth_tracker"]
