"""The statements that random programs are made of: what each kind does with the tensors that its numbers choose."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

TINY = 1e-12


def numbers(x: Any) -> Any:
    """The elements, rounded: engines may differ in the last bits; None of None."""
    if x is None:
        return None
    return [f"{0.0 if abs(v) < TINY else v:.5g}" for v in x.detach().reshape(-1).tolist()]


def leaf(m: Any, i: int, j: int, k: int) -> Any:
    """A new leaf: of some shape, mostly one that requires grad."""
    shape = [(2, 2), (2,), (), (3, 2), (1, 2), (2, 1)][i % 6]
    n = 1
    for size in shape:
        n *= size
    values = [((7 * e + 3 * len(m.tensors)) % 5 + 1) / 4 for e in range(n)]
    return m.T.tensor(values, dtype=m.T.float64).reshape(shape).detach().requires_grad_(bool(j % 4))


def _view(m: Any, i: int, j: int, k: int) -> Any:
    return list(VIEWS.values())[j % len(VIEWS)](m.pick(i))


VIEWS: dict[str, Callable[[Any], Any]] = {
    "item": lambda x: x[0],
    "slice": lambda x: x[:1],
    "flat": lambda x: x.view(-1),
    "t": lambda x: x.t(),
    "unsqueeze": lambda x: x.unsqueeze(0),
    "squeeze": lambda x: x.squeeze(),
    "unbind": lambda x: x.unbind(0),
    "split": lambda x: x.split(1),
    "expand": lambda x: x.expand(2, *x.shape),
    "detach": lambda x: None if x.is_inference() else x.detach(),
    "diagonal": lambda x: x.diagonal(),
    "narrow": lambda x: x.narrow(0, 0, 1),
    "select": lambda x: x.select(-1, -1),
    "reshape": lambda x: x.reshape(-1),
    "step": lambda x: x[..., ::2],
    "alias": lambda x: x[...],
    "permute": lambda x: x.permute(tuple(reversed(range(x.dim())))),
    "data": lambda x: None if x.is_inference() else x.data * 1,
    "chunk": lambda x: x.chunk(2),
    "view_as": lambda x: x.view_as(x),
    "new_axis": lambda x: x[None],
    "transpose": lambda x: x.transpose(0, -1),
    "as_strided": lambda x: x.as_strided((2,), (1,)),
    "movedim": lambda x: x.movedim(0, -1),
}


def _unary(m: Any, i: int, j: int, k: int) -> Any:
    x = m.pick(i)
    y = UNARY[j % len(UNARY)](x)
    return (
        y * 1 if y is not None and x.is_inference() else y
    )  # PyTorch counts the making of some of these as a modification


UNARY: list[Callable[[Any], Any]] = [
    lambda x: x.sin(),
    lambda x: x.exp(),
    lambda x: x * 2,
    lambda x: x + 1,
    lambda x: x.clone(),
    lambda x: x.sum(),
    lambda x: x.mean(0),
    lambda x: -x,
    lambda x: x.abs(),
    lambda x: x**2,
    lambda x: 1 / x,
    lambda x: x.clamp(min=0.5),
    lambda x: x.to(x.dtype),
    lambda x: (x > 1) * 1.0,
    lambda x: x.max(),
    lambda x: x.max(0)[0],
    lambda x: x.cumsum(0),
    lambda x: x.float() * 1,
    lambda x: x.amax(0),
    lambda x: x.sigmoid(),
    lambda x: x.round(),
    lambda x: x[[0]],
]


def _binary(m: Any, i: int, j: int, k: int) -> Any:
    x, y = m.pick(i), m.pick(j)
    if not (x.is_contiguous() and y.is_contiguous()):  # engines differ in the layout of the result
        return None
    return BINARY[k % len(BINARY)](x, y)


BINARY: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x * y,
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x / y,
    lambda x, y: (x @ y) * 1,
    lambda x, y: x.maximum(y),
    lambda x, y: x.where(x > 1, y),
    lambda x, y: x.addcmul(x, y),
]


def _in_place(m: Any, i: int, j: int, k: int) -> Any:
    x = m.pick(i)
    if x.is_inference() != m.T.is_inference_mode_enabled():  # PyTorch writes, then raises; or does not detach
        return None
    y = m.pick(j + k)
    if y is not x and y.untyped_storage().data_ptr() == x.untyped_storage().data_ptr():  # PyTorch refuses some of these
        y = y.clone()
    return list(IN_PLACE.values())[j % len(IN_PLACE)](m, x, y)


IN_PLACE: dict[str, Callable[[Any, Any, Any], Any]] = {
    "add": lambda m, x, y: x.add_(1),
    "mul": lambda m, x, y: x.mul_(2),
    "add tensor": lambda m, x, y: x.add_(y),
    "mul tensor": lambda m, x, y: x.mul_(y),
    "zero": lambda m, x, y: None if _is_repeated(x) else x.zero_(),
    "fill": lambda m, x, y: None if _is_repeated(x) else x.fill_(3.0),
    "sin": lambda m, x, y: x.sin_(),
    "exp": lambda m, x, y: x.exp_(),
    "copy": lambda m, x, y: x.copy_(y),
    "item": lambda m, x, y: x.__setitem__(0, 1.5),
    "slice": lambda m, x, y: x.__setitem__(slice(0, 1), 0.5),
    "tensor item": lambda m, x, y: x.__setitem__(0, y),
    "mask": lambda m, x, y: x.__setitem__(x > 1, 0.0) if x.dim() and not _is_repeated(x) else None,
    "iadd": lambda m, x, y: x.__iadd__(y),
    "detach": lambda m, x, y: None if _is_tied(m, x) else x.detach_(),
    "requires": lambda m, x, y: None if x._is_view() or x.is_inference() else x.requires_grad_(),
    "not requires": lambda m, x, y: None if _is_tied(m, x) else x.requires_grad_(False),
    "clamp": lambda m, x, y: x.clamp_(min=1),
    "neg": lambda m, x, y: x.neg_(),
    "pow": lambda m, x, y: x.pow_(2),
    "unsqueeze": lambda m, x, y: x.unsqueeze_(0),
    "t": lambda m, x, y: x.t_(),
    "masked_fill": lambda m, x, y: (
        None if x.numel() and 0 in x.stride() else x.masked_fill_(x > 1, 2.0)
    ),  # deprecated there
    "index_fill": lambda m, x, y: None if _is_repeated(x) else x.index_fill_(0, m.T.tensor([0]), 2.0),
}


def _is_repeated(x: Any) -> bool:
    """Whether elements share memory, or there are none: some operators of PyTorch take what others refuse."""
    return x.untyped_storage().nbytes() < x.numel() * x.element_size() or not x.numel()


def _is_tied(m: Any, x: Any) -> bool:
    """Whether `x` has views, which PyTorch does not cut from the graph with it, or keeps its gradient, as before."""
    return x.retains_grad or any(z._base is x for z in m.tensors)


def _hook(m: Any, i: int, j: int, k: int) -> None:
    x, n = m.pick(i), len(m.handles)
    which = j % 6
    if which == 3 and not x.output_nr:  # of a further result PyTorch does not survive: INTERNAL ASSERT FAILED
        x.retain_grad()
    elif which == 4 and x.grad_fn is not None:
        m.handles.append(x.grad_fn.register_hook(lambda _, gs: m.log.append(("node", n, [numbers(g) for g in gs]))))
    elif which == 5 and m.handles:
        m.handles[k % len(m.handles)].remove()
    elif which == 2:
        after = x.register_post_accumulate_grad_hook(lambda x: m.log.append(("after", n, numbers(x.grad))))
        m.handles.append(after)
    elif which < 2:
        m.handles.append(x.register_hook(_logged(m.log, n, factor=1 + which)))


def _logged(log: list[Any], n: int, factor: int) -> Callable[[Any], Any]:
    """A hook that notes the gradient, and may change it."""

    def hook(g: Any) -> Any:
        if g is None:  # PyTorch calls hooks of results that got no gradient, too
            return None
        log.append(("hook", n, numbers(g)))
        return None if factor == 1 else factor * g

    return hook


def _backward(m: Any, i: int, j: int, k: int) -> None:
    if m.T.is_inference_mode_enabled():  # PyTorch adds to such a gradient, then raises
        return
    x = m.pick(i)
    gradient = None if j % 3 == 0 else m.T.ones_like(x).detach()
    inputs = [m.pick(j), m.pick(k)] if k % 8 in (1, 2) else None
    x.backward(gradient, retain_graph=[None, True, False][j % 3], create_graph=j % 7 == 3, inputs=inputs)


def _grad(m: Any, i: int, j: int, k: int) -> Any:
    x, y = m.pick(i), m.pick(j)
    inputs = [y] if m.handles else [y, m.pick(k)]  # hooks come before or after the capture of an input between others
    found = m.T.autograd.grad(
        x.sum(), inputs, create_graph=k % 2 == 0, allow_unused=None if k % 3 else True, retain_graph=True
    )
    return [g * 1 for g in found if g is not None]  # whether it is a view of something is no one's business


def _assign(m: Any, i: int, j: int, k: int) -> None:
    if m.T.is_inference_mode_enabled():
        return
    x = m.pick(i)
    if j % 3 == 0:
        x.grad = None
    elif j % 3 == 1:
        x.grad = m.pick(k).detach().clone()
    elif x.grad is not None:
        x.grad.zero_()


def functions(engine: Any, log: list[Any]) -> list[Any]:
    """Custom functions of an engine: a plain one, and those that return their input, a view, several results, a
    modified input, a constant.
    """

    def made(forward: Any, backward: Any) -> Any:
        return type(
            "Made", (engine.autograd.Function,), {"forward": staticmethod(forward), "backward": staticmethod(backward)}
        )

    def square(ctx: Any, x: Any) -> Any:
        ctx.save_for_backward(x)
        return x * x

    def square_back(ctx: Any, g: Any) -> Any:
        log.append(("needs", ctx.needs_input_grad))
        return 2 * g * ctx.saved_tensors[0]

    def exp(ctx: Any, x: Any) -> Any:
        y = x.exp()
        ctx.save_for_backward(y)
        return y

    def dirty(ctx: Any, x: Any) -> Any:
        ctx.mark_dirty(x)
        return x.mul_(3)

    def several(ctx: Any, x: Any) -> Any:
        return x * 2, x + 1

    def constant(ctx: Any, x: Any) -> Any:
        y = x.round()
        ctx.mark_non_differentiable(y)
        return x * 2, y

    return [
        made(square, square_back),
        made(exp, lambda ctx, g: g * ctx.saved_tensors[0]),
        made(lambda ctx, x: x, lambda ctx, g: g * 5),
        made(lambda ctx, x: x.view(-1), lambda ctx, g: g.sum()),
        made(several, lambda ctx, g, h: 2 * g + h),
        made(dirty, lambda ctx, g: 3 * g),
        made(constant, lambda ctx, g, h: 2 * g),
        made(lambda ctx, x: (x[:1], x[:1]), lambda ctx, g, h: g.sum() + h.sum()),
    ]


def _function(m: Any, i: int, j: int, k: int) -> Any:
    x = m.pick(i)
    if x.is_inference() or m.T.is_inference_mode_enabled():
        return None
    return m.functions[j % len(m.functions)].apply(x)


STATEMENTS: dict[str, Callable[[Any, int, int, int], Any]] = {
    "leaf": leaf,
    "view": _view,
    "unary": _unary,
    "binary": _binary,
    "in_place": _in_place,
    "hook": _hook,
    "backward": _backward,
    "grad": _grad,
    "assign": _assign,
    "function": _function,
}
