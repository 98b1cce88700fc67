"""Functions of functions: `grad`, `vjp`, `jvp`, Jacobians, `vmap`, in any nesting.

Reverse mode records as usual: each call makes fresh places in the graph for its inputs, so that nested calls cannot be
confused.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Self

from refgrad import gradients as engine
from refgrad.creation import eye
from refgrad.func.batching import Batched, Level, batched, front, full_value
from refgrad.func.pytree import flatten, spread, tree_map, unflatten
from refgrad.levels import next_level, pop_level, push_level, with_tangent
from refgrad.modes import state
from refgrad.ops.shape import alias, cat, permute
from refgrad.rules import zeros_like
from refgrad.tangents import alias as same_place
from refgrad.tensor import Tensor, leaves_behind


class _Transform:
    """A context in which a transformed function runs; grad mode is on in it, whatever it is outside."""

    def __init__(self, vmap: Level | None = None) -> None:
        self._vmap = vmap

    def __enter__(self) -> Self:
        self._before = state.grad, state.vmaps
        state.transforms += 1
        if self._vmap is None:
            state.grad = True
        else:
            state.vmaps = (*state.vmaps, self._vmap)
        state.refresh()
        return self

    def __exit__(self, *_: object) -> None:
        state.transforms -= 1
        state.grad, state.vmaps = self._before
        state.refresh()


# --- inputs and results of a transform --------------------------------------------------------------------------------


def _fresh(x: Any) -> Any:
    """An input at a place of its own in the graph, with all examples of the vmaps around it."""
    if not isinstance(x, Tensor):
        raise TypeError(f"expected tensors as inputs to differentiate, got {type(x).__name__}")
    for level in state.vmaps:
        if not _has_level(x, level.number):
            x = _raised(x, level.number)
    y = alias(x)
    innermost = y
    while isinstance(innermost, Batched):
        innermost = innermost._value
    if not innermost.requires_grad:
        if innermost.dtype.category < 2:
            raise RuntimeError("only Tensors of floating point dtype can require gradients")
        innermost._requires, innermost._internal = True, True
    return y


def _has_level(x: Any, level: int) -> bool:
    while isinstance(x, Batched):
        if x._level == level:
            return True
        x = x._value
    return False


def _raised(x: Tensor, level: int) -> Tensor:
    """`x` batched at a level, which goes inside those of higher number."""
    if isinstance(x, Batched) and x._level > level:
        return batched(_raised(x._value, level), x._level)
    return batched(full_value(x, level), level)


def settled(x: Any) -> Any:
    """A result as the caller gets it: without history, unless it depends on something outside that requires grad."""
    if not isinstance(x, Tensor) or not x.requires_grad:
        return x
    if not state.grad or state.inference:
        return _cut(x)
    if state.transforms:
        return x
    return x if _depends_on_outside(x) else _cut(x)


def _cut(x: Tensor) -> Tensor:
    if isinstance(x, Batched):
        return batched(_cut(x._value), x._level)
    y = same_place(x)
    y._edge = None
    return y


def _depends_on_outside(x: Tensor) -> bool:
    return any(not leaf._internal for leaf in leaves_behind(x))


def _checked_aux(aux: Any, name: str) -> Any:
    for leaf in flatten(aux)[0]:
        if not isinstance(leaf, Tensor):
            raise RuntimeError(f"{name}: Expected tensors, got unsupported type {type(leaf).__name__}")
    return tree_map(settled, aux)


def _picked(args: tuple[Any, ...], argnums: Any) -> Any:
    return args[argnums] if isinstance(argnums, int) else tuple(args[i] for i in argnums)


def _replaced(args: tuple[Any, ...], argnums: Any, values: Any) -> tuple[Any, ...]:
    new = list(args)
    for i, v in [(argnums, values)] if isinstance(argnums, int) else zip(argnums, values, strict=True):
        new[i] = v
    return tuple(new)


# --- reverse mode -----------------------------------------------------------------------------------------------------


def grad_and_value(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient and the value (with `has_aux`: a pair of value and aux) of `func`."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        with _Transform():
            leaves, spec = flatten(_picked(args, argnums))
            inputs = [_fresh(x) for x in leaves]
            output, aux = _called(func, _replaced(args, argnums, unflatten(inputs, spec)), kwargs, has_aux=has_aux)
            _check_scalar(output)
            grads = (
                engine.grad(output, inputs, create_graph=True, materialize_grads=True)
                if output.requires_grad
                else [zeros_like(x) for x in inputs]
            )
        gradient = unflatten([settled(g) for g in grads], spec)
        value = settled(output)
        return gradient, (value, _checked_aux(aux, "grad_and_value(f)(*args)")) if has_aux else value

    return wrapper


def _called(func: Callable[..., Any], args: Any, kwargs: Any, *, has_aux: bool) -> tuple[Any, Any]:
    output = func(*args, **kwargs)
    if not has_aux:
        return output, None
    if not (isinstance(output, tuple) and len(output) == 2):
        raise RuntimeError("the function is expected to return a tuple (output, aux) when has_aux=True")
    return output


def _check_scalar(output: Any) -> None:
    if not isinstance(output, Tensor):
        raise RuntimeError(
            "grad_and_value(f)(*args): Expected f(*args) to return a Tensor with a single element, got "
            f"{type(output).__name__}"
        )
    if output.ndim:
        raise RuntimeError(
            f"grad_and_value(f)(*args): Expected f(*args) to return a scalar tensor, got tensor with {output.ndim} "
            "dims. Maybe you wanted to "
            "use the vjp or jacrev APIs instead?"
        )


def grad(func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False) -> Callable[..., Any]:
    """The function that gives the gradient of `func`, which gives one number.

    >>> import refgrad
    >>> grad(lambda x: x**2)(refgrad.tensor(3.0))
    tensor(6.)
    """

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        gradient, value = grad_and_value(func, argnums, has_aux)(*args, **kwargs)
        return (gradient, value[1]) if has_aux else gradient

    return wrapper


def vjp(func: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """The value of `func`, and the function that pulls cotangents back; with `has_aux` also the aux."""
    with _Transform():
        leaves, spec = flatten(primals)
        inputs = [_fresh(x) for x in leaves]
        output, aux = _called(func, unflatten(inputs, spec), {}, has_aux=has_aux)
        outs, out_spec = flatten(output)
    for o in outs:
        if not isinstance(o, Tensor):
            raise RuntimeError(
                "vjp(f, *primals): Expected f(*primals) to return only tensors, got unsupported type "
                f"{type(o).__name__}: Expected tensors"
            )

    def pull(*cotangents: Any, retain_graph: bool = True, create_graph: bool | None = None) -> Any:
        cotangents = cotangents[0] if len(cotangents) == 1 else cotangents
        seeds, seed_spec = flatten(cotangents)
        if seed_spec != out_spec or any(tuple(s.shape) != tuple(o.shape) for s, o in zip(seeds, outs, strict=False)):
            raise RuntimeError(
                "Expected pytree structure of cotangents to be the same as pytree structure of outputs to the "
                f"function. cotangents: {seed_spec}, "
                f"primal output: {out_spec}"
            )
        with _Transform():
            used = [(o, s) for o, s in zip(outs, seeds, strict=True) if o.requires_grad]
            if used:
                grads = engine.grad(
                    [o for o, _ in used],
                    inputs,
                    [s for _, s in used],
                    retain_graph=True,
                    create_graph=True,
                    materialize_grads=True,
                )
            else:
                grads = [zeros_like(x) for x in inputs]
        return unflatten([settled(g) for g in grads], spec)

    value = tree_map(settled, output)
    return (value, pull, _checked_aux(aux, "vjp(f, *primals)")) if has_aux else (value, pull)


# --- forward mode -----------------------------------------------------------------------------------------------------


def jvp(func: Callable[..., Any], primals: Any, tangents: Any, *, strict: bool = False, has_aux: bool = False) -> Any:
    """The value of `func` and its tangent; with `has_aux` also the aux."""
    leaves, spec = flatten(primals)
    ts, tangent_spec = flatten(tangents)
    if not isinstance(primals, tuple) or not isinstance(tangents, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals and tangents to be tuples of Tensors")
    if spec != tangent_spec:
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected primals and tangents to have the same python structure, but got "
            f"{spec} and {tangent_spec}"
        )
    level = next_level()
    forward, state.forward = state.forward, True
    state.transforms += 1
    push_level(level)
    try:
        duals = [_dual(x, t, level) for x, t in zip(leaves, ts, strict=True)]
        output, aux = _called(func, unflatten(duals, spec), {}, has_aux=has_aux)
        outs, out_spec = flatten(output)
        pairs = [_split(o, level, strict) for o in outs]
    finally:
        state.transforms -= 1
        state.forward = forward
        pop_level(level)
    value, tangent = unflatten([p for p, _ in pairs], out_spec), unflatten([t for _, t in pairs], out_spec)
    if not has_aux:
        return value, tangent
    return value, tangent, tree_map(lambda x: _split(x, level, False)[0], aux)


def _dual(x: Tensor, t: Tensor, level: int) -> Tensor:
    if tuple(x.shape) != tuple(t.shape):
        raise RuntimeError(
            f"jvp: primals and tangents must have the same shape, got {tuple(x.shape)} and {tuple(t.shape)}"
        )
    for v in state.vmaps:
        if _has_level(t, v.number) and not _has_level(x, v.number):
            x = _raised(x, v.number)
        elif _has_level(x, v.number) and not _has_level(t, v.number):
            t = _raised(t, v.number)
    return _joined(x, t, level)


def _joined(x: Tensor, t: Tensor, level: int) -> Tensor:
    if isinstance(x, Batched):
        return batched(_joined(x._value, t._value, level), x._level)
    return with_tangent(x, t, level)


def _split(x: Any, level: int, strict: bool) -> tuple[Any, Any]:
    """A result without its tangent of the level, and that tangent."""
    if not isinstance(x, Tensor):
        raise RuntimeError(
            "jvp(f, primals, tangents): Expected f(*primals) to return only tensors, got unsupported type "
            f"{type(x).__name__}"
        )
    if isinstance(x, Batched):
        p, t = _split(x._value, level, strict)
        return batched(p, x._level), batched(t, x._level)
    t = x._tangents.get(level) if x._tangents else None
    if t is None and strict:
        raise RuntimeError(
            "jvp(f, primals, tangents, strict=True): The output of f is independent of the inputs. This is not "
            "allowed with strict=True."
        )
    p = same_place(x)
    p._tangents = {k: v for k, v in (x._tangents or {}).items() if k != level} or None
    return p, zeros_like(p) if t is None else t


def linearize(func: Callable[..., Any], *primals: Any) -> tuple[Any, Callable[..., Any]]:
    """The value of `func`, and the linear function that pushes tangents forward from there."""
    output = func(*primals)
    return output, lambda *tangents: jvp(func, primals, tangents)[1]


# --- Jacobians --------------------------------------------------------------------------------------------------------


def jacrev(
    func: Callable[..., Any], argnums: Any = 0, *, has_aux: bool = False, chunk_size: int | None = None
) -> Callable[..., Any]:
    """The function that gives the Jacobian of `func`, row by row in reverse mode."""
    if chunk_size is not None and chunk_size <= 0:
        raise ValueError("jacrev: `chunk_size` should be greater than 0.")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        def of_picked(picked: Any) -> Any:
            return func(*_replaced(args, argnums, picked), **kwargs)

        inputs = _picked(args, argnums)
        output, pull, *aux = vjp(of_picked, inputs, has_aux=has_aux)
        outs, out_spec = flatten(output)
        rows = []
        for k, o in enumerate(outs):
            basis = _basis(o)

            def pull_one(row: Tensor, k: int = k) -> Any:
                return pull(unflatten([row if j == k else zeros_like(p) for j, p in enumerate(outs)], out_spec))[0]

            columns = vmap(pull_one, chunk_size=chunk_size)(basis)
            rows.append(tree_map(lambda c, o=o: c.reshape(*o.shape, *c.shape[1:]), columns))
        found = unflatten(rows, out_spec)
        return (found, aux[0]) if has_aux else found

    return wrapper


def _basis(x: Tensor) -> Tensor:
    n = x.numel()
    return eye(n, dtype=x.dtype, device=x.device).reshape(n, *x.shape)


def jacfwd(
    func: Callable[..., Any], argnums: Any = 0, has_aux: bool = False, *, randomness: str = "error"
) -> Callable[..., Any]:
    """The function that gives the Jacobian of `func`, column by column in forward mode."""

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        def of_picked(picked: Any) -> Any:
            return func(*_replaced(args, argnums, picked), **kwargs)

        leaves, spec = flatten(_picked(args, argnums))
        per_input, aux = [], None
        for k, x in enumerate(leaves):

            def push_one(column: Tensor, k: int = k) -> Any:
                ts = unflatten([column if j == k else zeros_like(p) for j, p in enumerate(leaves)], spec)
                found = jvp(of_picked, (_picked(args, argnums),), (ts,), has_aux=has_aux)
                return found[1:] if has_aux else found[1]

            columns = vmap(push_one, randomness=randomness, out_dims=-1 if not has_aux else (-1, 0))(_basis(x))
            if has_aux:
                columns, auxes = columns
                aux = tree_map(lambda a: a[0], auxes)
            per_input.append((columns, x))
        outs, out_spec = flatten(per_input[0][0])
        jacobians = []
        for i, _ in enumerate(outs):
            parts = [flatten(c)[0][i].reshape(*flatten(c)[0][i].shape[:-1], *x.shape) for c, x in per_input]
            jacobians.append(unflatten(parts, spec))
        found = unflatten(jacobians, out_spec)
        return (found, aux) if has_aux else found

    return wrapper


def hessian(func: Callable[..., Any], argnums: Any = 0) -> Callable[..., Any]:
    """The function that gives the second derivatives of `func`: forward over reverse mode."""
    return jacfwd(jacrev(func, argnums), argnums)


# --- vmap -------------------------------------------------------------------------------------------------------------


def vmap(
    func: Callable[..., Any],
    in_dims: Any = 0,
    out_dims: Any = 0,
    randomness: str = "error",
    *,
    chunk_size: int | None = None,
) -> Callable[..., Any]:
    """The function that applies `func` to each example along the dimensions given.

    >>> import refgrad
    >>> vmap(lambda x: x.sum())(refgrad.ones(3, 2))
    tensor([2., 2., 2.])
    """
    if randomness not in ("error", "different", "same"):
        raise RuntimeError(f"Only allowed values for randomness are 'error', 'different', or 'same'. Got {randomness}")
    if chunk_size is not None and chunk_size < 1:
        raise ValueError(f"vmap: chunk_size should be None or greater than 0. (got {chunk_size})")

    @functools.wraps(func)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        leaves, spec = flatten(args)
        dims = spread(in_dims, args) if not isinstance(in_dims, list) else spread(tuple(in_dims), args)
        size = _batch_size(leaves, dims, func)
        if chunk_size is None or chunk_size >= size:
            return _mapped(func, leaves, spec, dims, size, out_dims, randomness, kwargs)
        pieces = []
        for start in range(0, size, chunk_size):
            part = [
                x if d is None else x.narrow(d, start, min(chunk_size, size - start))
                for x, d in zip(leaves, dims, strict=True)
            ]
            pieces.append(_mapped(func, part, spec, dims, min(chunk_size, size - start), 0, randomness, kwargs))
        joined = [flatten(p)[0] for p in pieces]
        out_spec = flatten(pieces[0])[1]
        whole = unflatten([cat(*column, dim=0) for column in zip(*joined, strict=True)], out_spec)
        return _moved(whole, out_dims)

    return wrapper


def _batch_size(leaves: list[Any], dims: list[Any], func: Any) -> int:
    sizes = set()
    for x, d in zip(leaves, dims, strict=True):
        if d is None:
            continue
        if not isinstance(x, Tensor):
            raise ValueError(
                f"vmap({getattr(func, '__name__', func)}, in_dims={d}, ...)(<inputs>): Got in_dim={d} for an input "
                f"but the input is of type {type(x)}. We cannot vmap over non-Tensor arguments, please use None as "
                "the respective in_dim"
            )
        if not -x.ndim <= d < x.ndim:
            raise ValueError(
                f"vmap: Got in_dim={d} for some input, but that input is a Tensor of dimensionality {x.ndim} so "
                f"expected in_dim to satisfy -{x.ndim} <= in_dim < {x.ndim}."
            )
        sizes.add(x.shape[d])
    if len(sizes) > 1:
        raise ValueError(
            f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sorted(sizes)} "
            "for the mapped dimension"
        )
    if not sizes:
        raise ValueError("vmap: at least one input must be mapped (in_dims is None for all of them)")
    return sizes.pop()


def _mapped(
    func: Any, leaves: list[Any], spec: Any, dims: list[Any], size: int, out_dims: Any, randomness: str, kwargs: Any
) -> Any:
    level = next_level()
    with _Transform(Level(level, size, randomness)):
        inputs = [x if d is None else batched(front(x, d), level) for x, d in zip(leaves, dims, strict=True)]
        output = func(*unflatten(inputs, spec), **kwargs)
        for o in flatten(output)[0]:
            if not isinstance(o, Tensor):
                raise ValueError(
                    f"vmap({getattr(func, '__name__', func)}, ...): `{getattr(func, '__name__', func)}` must only "
                    f"return Tensors, got type {type(o)}."
                )
        whole = tree_map(lambda o: full_value(o, level), output)
    return tree_map(settled, _moved(whole, out_dims))


def _moved(tree: Any, out_dims: Any) -> Any:
    leaves, spec = flatten(tree)
    dims = spread(out_dims, tree)
    return unflatten([_to_dim(x, d) for x, d in zip(leaves, dims, strict=True)], spec)


def _to_dim(x: Tensor, dim: int | None) -> Tensor:
    if dim is None:
        return x[0]
    dim %= x.ndim
    order = [*range(1, x.ndim)]
    order.insert(dim, 0)
    return x if dim == 0 else permute(x, dims=tuple(order))


def functionalize(func: Callable[..., Any], *, remove: str = "mutations") -> Callable[..., Any]:
    """The function itself: what it modifies in place is its own business here."""
    return func
