"""PyTorch's `torch.autograd.functional`: products with Jacobians and Hessians, and these themselves, of functions of
tensors.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from refgrad import gradients as engine
from refgrad.func import transforms
from refgrad.modes import enable_grad
from refgrad.ops.shape import alias, stack
from refgrad.rules import zeros_like
from refgrad.tensor import Tensor


def _as_tuple(x: Any, name: str, function: str) -> tuple[bool, tuple[Tensor, ...]]:
    several = isinstance(x, tuple)
    found = x if several else (x,)
    for i, part in enumerate(found):
        if not isinstance(part, Tensor):
            where = f"of {function} at index {i}" if several else f"of {function}"
            raise TypeError(f"The {name} {where} must be a Tensor or a tuple of Tensors but got {type(part).__name__}.")
    return several, tuple(found)


def _inputs(x: Any, *, create_graph: bool) -> tuple[bool, tuple[Tensor, ...]]:
    several, given = _as_tuple(x, "inputs", "the function")
    fresh = tuple(alias(g) if create_graph and g.requires_grad else g.detach().requires_grad_() for g in given)
    return several, fresh


def _outputs(func: Callable[..., Any], inputs: tuple[Tensor, ...]) -> tuple[bool, tuple[Tensor, ...]]:
    return _as_tuple(func(*inputs), "outputs", "the user-provided function")


def _vectors(v: Any, like: tuple[Tensor, ...], several: bool, what: str) -> tuple[Tensor, ...]:
    if v is None:
        if len(like) != 1 or like[0].numel() != 1:
            raise RuntimeError(f"The vector v can only be None if the {what} is a single Tensor with one element.")
        return (like[0].new_ones(tuple(like[0].shape)),)
    _, vs = _as_tuple(v, "v", "the function")
    if len(vs) != len(like):
        raise RuntimeError(f"v is a tuple of invalid length: should be {len(like)} but got {len(vs)}.")
    for a, b in zip(vs, like, strict=True):
        if tuple(a.shape) != tuple(b.shape):
            raise RuntimeError(f"v has invalid size: should be {b.shape} but got {a.shape}.")
    return vs


def _grads(
    outs: Any, inputs: Any, seeds: Any, *, create: bool, strict: bool, retain: bool | None = None
) -> tuple[Tensor, ...]:
    used = [(o, s) for o, s in zip(outs, seeds, strict=True) if o.requires_grad]
    if strict and len(used) < len(outs):
        raise RuntimeError(
            "The output of the user-provided function is independent of the input. This is not allowed in strict mode."
        )
    found: tuple[Any, ...] = (None,) * len(inputs)
    if used:
        found = engine.grad(
            [o for o, _ in used],
            inputs,
            [s for _, s in used],
            create_graph=create,
            retain_graph=True if retain is None else retain,
            allow_unused=True,
        )
    if strict and any(g is None for g in found):
        raise RuntimeError(
            "The output of the user-provided function is independent of input. This is not allowed in strict mode."
        )
    return tuple(zeros_like(x) if g is None else g for g, x in zip(found, inputs, strict=True))


def _result(xs: tuple[Tensor, ...], several: bool, *, create_graph: bool) -> Any:
    xs = xs if create_graph else tuple(x.detach() for x in xs)
    return xs if several else xs[0]


def vjp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs, and `v` times the Jacobian."""
    with enable_grad():
        several, xs = _inputs(inputs, create_graph=create_graph)
        several_out, outs = _outputs(func, xs)
        seeds = _vectors(v, outs, several_out, "user-provided function's output")
        grads = _grads(outs, xs, seeds, create=create_graph, strict=strict)
    return _result(outs, several_out, create_graph=create_graph), _result(grads, several, create_graph=create_graph)


def jvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The outputs, and the Jacobian times `v`."""
    with enable_grad():
        several, xs = _inputs(inputs, create_graph=create_graph)
        vs = _vectors(v, xs, several, "input to the user-provided function")
        several_out, outs = _outputs(func, xs)
        weights = tuple(zeros_like(o).requires_grad_() for o in outs)
        grads = _grads(outs, xs, weights, create=True, strict=strict)
        found = _grads(grads, weights, vs, create=create_graph, strict=strict)
    return _result(outs, several_out, create_graph=create_graph), _result(found, several_out, create_graph=create_graph)


def jacobian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    strategy: str = "reverse-mode",
) -> Any:
    """The Jacobian: for each output and each input, shaped as the output's shape followed by the input's."""
    if strategy not in ("forward-mode", "reverse-mode"):
        raise RuntimeError("Expected strategy to be either 'forward-mode' or 'reverse-mode'.")
    if strategy == "forward-mode":
        return _forward_jacobian(func, inputs, create_graph=create_graph, strict=strict, vectorize=vectorize)
    with enable_grad():
        several, xs = _inputs(inputs, create_graph=create_graph)
        several_out, outs = _outputs(func, xs)
        rows = tuple(_rows(o, xs, create=create_graph, strict=strict) for o in outs)
    rows = tuple(_result(r, several, create_graph=create_graph) for r in rows)
    return rows if several_out else rows[0]


def _rows(o: Tensor, xs: tuple[Tensor, ...], *, create: bool, strict: bool) -> tuple[Tensor, ...]:
    flat = o.reshape(-1)
    rows = [_grads((flat[i],), xs, (flat[i].detach() * 0 + 1,), create=create, strict=strict) for i in range(o.numel())]
    return tuple(
        stack(*column, dim=0).reshape(*o.shape, *x.shape) for column, x in zip(zip(*rows, strict=True), xs, strict=True)
    )


def _forward_jacobian(func: Any, inputs: Any, *, create_graph: bool, strict: bool, vectorize: bool) -> Any:
    if strict:
        raise RuntimeError(
            'torch.autograd.functional.jacobian: `strict=True` and `strategy="forward-mode"` are not supported together'
        )
    if not vectorize:
        raise NotImplementedError(
            "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for "
            "`vectorize=True`."
        )
    several, xs = _as_tuple(inputs, "inputs", "jacobian")
    found = transforms.jacfwd(func, argnums=tuple(range(len(xs))) if several else 0)(*xs)
    from refgrad.func.pytree import tree_map

    return found if create_graph else tree_map(lambda x: x.detach(), found)


def hessian(
    func: Callable[..., Any],
    inputs: Any,
    create_graph: bool = False,
    strict: bool = False,
    vectorize: bool = False,
    outer_jacobian_strategy: str = "reverse-mode",
) -> Any:
    """The second derivatives of a function that gives one number."""
    several, xs = _as_tuple(inputs, "inputs", "hessian")

    def jacobian_of(*args: Tensor) -> Any:
        out = _single(func(*args))
        grads = _grads((out,), args, (out.detach() * 0 + 1,), create=True, strict=strict)
        return grads if several else grads[0]

    if outer_jacobian_strategy == "forward-mode":
        if not vectorize:
            raise NotImplementedError(
                "Computing Jacobian using forward-AD or forward-over-reverse Hessian is only implemented for "
                "`vectorize=True`."
            )
        return transforms.jacfwd(
            transforms.jacrev(func, argnums=tuple(range(len(xs))) if several else 0),
            argnums=tuple(range(len(xs))) if several else 0,
        )(*xs)
    return jacobian(jacobian_of, inputs, create_graph=create_graph, strict=strict)


def _single(out: Any) -> Tensor:
    if not isinstance(out, Tensor):
        raise RuntimeError("The function given to hessian should return a single Tensor")
    if out.numel() != 1:
        raise RuntimeError("The Tensor returned by the function given to hessian should contain a single element")
    return out.reshape(())


def _hessian_product(func: Any, inputs: Any, v: Any, *, create_graph: bool, strict: bool) -> Any:
    with enable_grad():
        several, xs = _inputs(inputs, create_graph=create_graph)
        vs = _vectors(v, xs, several, "input to the user-provided function")
        out = _single(func(*xs))
        grads = _grads((out,), xs, (out.detach() * 0 + 1,), create=True, strict=strict)
        found = _grads(grads, xs, vs, create=create_graph, strict=strict)
    return _result((out,), False, create_graph=create_graph), _result(found, several, create_graph=create_graph)


def vhp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The value, and `v` times the Hessian."""
    return _hessian_product(func, inputs, v, create_graph=create_graph, strict=strict)


def hvp(func: Callable[..., Any], inputs: Any, v: Any = None, create_graph: bool = False, strict: bool = False) -> Any:
    """The value, and the Hessian times `v`; the Hessian is symmetric, so this is `vhp`."""
    return _hessian_product(func, inputs, v, create_graph=create_graph, strict=strict)
