"""Views: where they are in the graph after modifications, and what may be modified, side by side with PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import refgrad

torch = pytest.importorskip("torch")


def both(function: Callable[[Any], Any]) -> None:
    """Runs the function on both engines; what it gives, or the class and words of its error, must be the same."""
    found = []
    for engine in (torch, refgrad):
        try:
            found.append(function(engine))
        except RuntimeError as error:
            found.append(("RuntimeError", str(error)[:60]))
    assert found[1] == found[0]


def shown(x: Any) -> tuple[Any, ...]:
    return x.requires_grad, x.is_leaf, None if x.grad_fn is None else type(x.grad_fn).__name__, x._version


LAYOUTS: dict[str, Callable[[Any], Any]] = {
    "whole": lambda b: b,
    "rows": lambda b: b[1:],
    "every other": lambda b: b[::2],
    "transposed": lambda b: b.t(),
    "repeated": lambda b: b.unsqueeze(0).expand(2, 3, 2),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize(
    ("size", "stride", "offset"),
    [
        ((2, 2), (2, 1), 0),
        ((2,), (1,), None),
        ((3,), (0,), 1),
        ((2, 2), (1, 1), None),
        ((), (), 2),
        ((2, 2), (2, 0), 1),
    ],
)
def test_as_strided_reads_the_storage_and_sends_gradients_to_it(
    layout: str, size: Any, stride: Any, offset: Any
) -> None:
    def run(T: Any) -> Any:
        x = T.arange(1.0, 7.0, dtype=T.float64).reshape(3, 2).requires_grad_()
        view = LAYOUTS[layout](x * 1)
        y = view.as_strided(size, stride, offset)
        weights = T.arange(1.0, 1.0 + y.numel(), dtype=T.float64).reshape(size)
        gradients = T.autograd.grad((y * weights).sum(), (x, view), retain_graph=True)
        return y.tolist(), [g.tolist() for g in gradients], type(y.grad_fn).__name__, y.storage_offset()

    both(run)


COMPLEX_VIEWS: dict[str, Callable[[Any, Any, Any], None]] = {
    "real": lambda T, b, w: b.real.mul_(w),
    "imag": lambda T, b, w: b.imag.mul_(w).add_(1),
    "pairs": lambda T, b, w: T.view_as_real(b)[..., 1].mul_(w),
    "transposed": lambda T, b, w: b.real.t().mul_(w),
    "a row": lambda T, b, w: b[1].imag.copy_(w * w),
    "assigned": lambda T, b, w: setattr(b, "real", w),
    "there and back": lambda T, b, w: T.view_as_complex(T.view_as_real(b)).mul_(w * 1j),
}


@pytest.mark.parametrize("way", COMPLEX_VIEWS)
def test_parts_of_complex_tensors_can_be_modified_in_place(way: str) -> None:
    def run(T: Any) -> Any:
        x = T.tensor([[1 + 2j, 3 - 1j], [0.5j, -2.0]], dtype=T.complex128, requires_grad=True)
        w = T.tensor([2.0, 3.0], dtype=T.float64, requires_grad=True)
        base = x * (1 + 1j)
        COMPLEX_VIEWS[way](T, base, w)
        y = (base * base.conj()).real.sum() + (base * (2 - 1j)).imag.sum()
        return base.tolist(), [g.tolist() for g in T.autograd.grad(y, (x, w))], type(base.grad_fn).__name__

    both(run)


def test_a_view_follows_its_base() -> None:
    def run(T: Any) -> Any:
        base = T.ones(2, 2, requires_grad=True) * 1
        view, other = base[0], base.t()
        view.retain_grad()
        base.mul_(2)
        (view.sum() + other.sum()).backward()
        return shown(view), shown(other), shown(base), view.grad.tolist(), view.retains_grad

    both(run)


def test_a_view_gets_a_history_when_its_base_comes_to_require_grad() -> None:
    def run(T: Any) -> Any:
        base = T.ones(2)
        view = base[:1]
        base.add_(1)
        before = shown(view)
        base.requires_grad_()
        return before, shown(view)

    both(run)


def _of_function(T: Any, forward: Callable[[Any], Any]) -> Any:
    class Made(T.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return forward(x)

        @staticmethod
        def backward(ctx: Any, *gs: Any) -> Any:
            return gs[0]

    found = Made.apply(T.ones(2, requires_grad=True) * 1)
    return found[0] if isinstance(found, tuple) else found


FORBIDDEN: dict[str, Callable[[Any], Any]] = {
    "one of several": lambda T: (T.ones(2, requires_grad=True) * 1).unbind()[1],
    "a view of one of several": lambda T: (T.ones(2, 2, requires_grad=True) * 1).unbind()[1][0],
    "an input returned by a custom function": lambda T: _of_function(T, lambda x: x),
    "a view made in a custom function": lambda T: _of_function(T, lambda x: x.view(-1)),
    "several views made in a custom function": lambda T: _of_function(T, lambda x: (x[:1], x[1:])),
    "a view of a leaf": lambda T: T.ones(2, requires_grad=True)[0],
    "one of several views of a leaf": lambda T: T.ones(2, requires_grad=True).unbind()[0],
}


@pytest.mark.parametrize("kind", FORBIDDEN)
@pytest.mark.parametrize("when", ["direct", "through the base"])
def test_what_cannot_be_modified_says_so_each_time(kind: str, when: str) -> None:
    def run(T: Any) -> Any:
        view = FORBIDDEN[kind](T)
        if when == "direct":
            view.mul_(2)
        else:
            with T.no_grad():
                view._base.mul_(2)
            errors = []
            for _ in range(2):
                try:
                    errors.append(shown(view)[2])
                except RuntimeError as error:
                    errors.append(str(error)[:60])
            return errors
        return shown(view)

    both(run)


def test_a_view_made_without_recording_cannot_lead_its_base() -> None:
    def run(T: Any) -> Any:
        base = T.ones(2)
        with T.no_grad():
            view = base[:1]
        view.mul_(T.ones(1, requires_grad=True))

    both(run)


def test_changes_of_layout_in_place_are_modifications() -> None:
    def run(T: Any) -> Any:
        x = T.ones(2, 3, requires_grad=True) * 1
        view = x[0]
        x.t_()
        y = x.unsqueeze_(0)
        return y is x, shown(x), list(x.shape), shown(view), list(view.shape)

    both(run)
    both(lambda T: T.ones(2, 3, requires_grad=True).t_())


def test_views_in_inference_mode_are_tensors_of_that_mode_only_if_their_base_is() -> None:
    def run(T: Any) -> Any:
        normal = T.ones(2, 2)
        with T.inference_mode():
            made = T.ones(2, 2)
            views = [normal[0], made[0], normal.t().reshape(-1), made.view(-1)]
        return [(v.is_inference(), v._is_view()) for v in views]

    both(run)
