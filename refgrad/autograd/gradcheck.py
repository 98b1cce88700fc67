"""PyTorch's `torch.autograd.gradcheck`: derivatives compared with central differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from refgrad import dtypes
from refgrad.backends import beside, namespace, to_host
from refgrad.func.transforms import vmap
from refgrad.gradients import grad
from refgrad.random import randn
from refgrad.tensor import Tensor, wrap


class GradcheckError(RuntimeError):
    """A derivative that does not agree with the differences, or another fault that the check found."""


def gradcheck(
    func: Callable[..., Any],
    inputs: Any,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    check_undefined_grad: bool = True,
    check_grad_dtypes: bool = False,
    check_batched_grad: bool = False,
    check_batched_forward_grad: bool = False,
    check_forward_ad: bool = False,
    check_backward_ad: bool = True,
    fast_mode: bool = False,
    masked: bool | None = None,
) -> bool:
    """True if the derivatives of `func` agree with differences in the inputs that require grad; else an error, or
    False.
    """
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    _check_inputs(inputs)
    try:
        outs = _outputs(func, inputs)
        numeric = [[_numeric(func, inputs, i, k, eps) for k in range(len(outs))] for i in _checked(inputs)]
        if check_forward_ad:
            _check_forward(func, inputs, numeric, atol, rtol)
        if check_backward_ad:
            _check_backward(func, inputs, numeric, atol, rtol, nondet_tol)
            if check_undefined_grad:
                _check_undefined(func, inputs)
        if check_batched_grad:
            _check_batched(func, inputs)
    except GradcheckError:
        if raise_exception:
            raise
        return False
    return True


def gradgradcheck(
    func: Callable[..., Any],
    inputs: Any,
    grad_outputs: Any = None,
    *,
    eps: float = 1e-6,
    atol: float = 1e-5,
    rtol: float = 1e-3,
    gen_non_contig_grad_outputs: bool = False,
    raise_exception: bool = True,
    nondet_tol: float = 0.0,
    **options: Any,
) -> bool:
    """True if the derivatives of the gradients of `func` agree with differences; else an error, or False."""
    inputs = (inputs,) if isinstance(inputs, Tensor) else tuple(inputs)
    if grad_outputs is None:
        outs = _outputs(func, inputs)
        seeds = tuple(randn(tuple(o.shape), dtype=o.dtype, device=o.device).requires_grad_() for o in outs)
    else:
        seeds = (grad_outputs,) if isinstance(grad_outputs, Tensor) else tuple(grad_outputs)
    picked = _checked(inputs)

    def gradients(*args: Any) -> Any:
        xs, gs = args[: len(inputs)], args[len(inputs) :]
        outs = _outputs(func, xs)
        found = grad(outs, [xs[i] for i in picked], gs, create_graph=True, allow_unused=True)
        return tuple(g for g in found if g is not None)

    options.pop("fast_mode", None)
    return gradcheck(
        gradients,
        (*inputs, *seeds),
        eps=eps,
        atol=atol,
        rtol=rtol,
        raise_exception=raise_exception,
        nondet_tol=nondet_tol,
        check_undefined_grad=False,
        **{k: v for k, v in options.items() if k != "check_undefined_grad"},
    )


def _check_inputs(inputs: Sequence[Any]) -> None:
    tensors = [x for x in inputs if isinstance(x, Tensor) and x.requires_grad]
    if not tensors:
        raise ValueError(
            "gradcheck expects at least one input tensor to require gradient, but none of them have requires_grad=True."
        )
    for i, x in enumerate(tensors):
        if x.dtype not in (dtypes.float64, dtypes.complex128):
            warnings.warn(
                f"Input #{i} requires gradient and is not a double precision floating point or complex. This check "
                "will likely fail if all the "
                "inputs are not of double precision floating point or complex.",
                UserWarning,
                stacklevel=3,
            )
        if any(s == 0 and n > 1 for s, n in zip(x.stride(), x.shape, strict=True)):
            raise RuntimeError(
                f"The {i}th input has a dimension with stride 0. gradcheck only supports inputs that are "
                "non-overlapping to be able to compute "
                "the numerical gradients correctly. You should call .contiguous on the input before passing it to "
                "gradcheck."
            )


def _checked(inputs: Sequence[Any]) -> list[int]:
    return [i for i, x in enumerate(inputs) if isinstance(x, Tensor) and x.requires_grad]


def _outputs(func: Callable[..., Any], inputs: Sequence[Any]) -> list[Tensor]:
    out = func(*inputs)
    outs = [out] if isinstance(out, Tensor) else list(out)
    return [o for o in outs if isinstance(o, Tensor) and o.dtype.category >= dtypes.FLOATING]


def _shifted(inputs: Sequence[Any], i: int, j: int, by: complex) -> list[Any]:
    data = namespace().array(to_host(inputs[i]._data))
    data.reshape(-1)[j] += by
    moved = wrap(beside(data, inputs[i]._data))
    moved._requires = True
    return [moved if k == i else x for k, x in enumerate(inputs)]


def _numeric(func: Callable[..., Any], inputs: Sequence[Any], i: int, k: int, eps: float) -> Any:
    """The derivative of output k along each real direction of input i: one row for each."""
    xp = namespace()
    directions = (1.0, 1j) if inputs[i].dtype.is_complex else (1.0,)
    rows = []
    for j in range(inputs[i].numel()):
        for d in directions:
            up, down = (to_host(_outputs(func, _shifted(inputs, i, j, step))[k]._data) for step in (d * eps, -d * eps))
            rows.append(xp.reshape((up - down) / (2 * eps), (-1,)))
    return xp.stack(rows) if rows else xp.zeros((0, 0))


def _check_backward(
    func: Any, inputs: Sequence[Any], numeric: Any, atol: float, rtol: float, nondet_tol: float
) -> None:
    outs, picked = _outputs(func, inputs), _checked(inputs)
    xp = namespace()
    for k, o in enumerate(outs):
        if not o.requires_grad:
            continue
        for m in range(o.numel()):
            for d in (1.0, 1j) if o.dtype.is_complex else (1.0,):
                seed = xp.zeros(o.shape, o._data.dtype)
                seed.reshape(-1)[m] = d
                seed = beside(seed, o._data)
                found, again = (
                    grad(
                        o,
                        [inputs[i] for i in picked],
                        wrap(namespace(seed).array(seed)),
                        retain_graph=True,
                        allow_unused=True,
                    )
                    for _ in range(2)
                )
                for place, i in enumerate(picked):
                    g, h = (
                        (xp.zeros(inputs[i].shape, inputs[i]._data.dtype) if p is None else to_host(p._data))
                        for p in (found[place], again[place])
                    )
                    if xp.size(g) and xp.abs(g - h).max() > nondet_tol:
                        raise GradcheckError(
                            "Backward is not reentrant, i.e., running backward with same input and grad_output "
                            "multiple times gives different "
                            "values, although analytical gradient matches numerical gradient."
                        )
                    expected = (numeric[place][k][:, m] * xp.conj(d)).real
                    parts = xp.stack([g.real, g.imag], -1) if inputs[i].dtype.is_complex else g
                    _compare(xp.reshape(parts, (-1,)), expected, atol, rtol, k, i, "analytical")


def _compare(found: Any, expected: Any, atol: float, rtol: float, k: int, i: int, kind: str) -> None:
    xp = namespace()
    if not xp.allclose(found, expected, rtol, atol):
        raise GradcheckError(
            f"Jacobian mismatch for output {k} with respect to input {i},\nnumerical:{expected}\n{kind}:{found}\n"
        )


def _check_forward(func: Any, inputs: Sequence[Any], numeric: Any, atol: float, rtol: float) -> None:
    picked, xp = _checked(inputs), namespace()
    for place, i in enumerate(picked):
        row = 0
        for j in range(inputs[i].numel()):
            for d in (1.0, 1j) if inputs[i].dtype.is_complex else (1.0,):
                t = xp.zeros(inputs[i].shape, inputs[i]._data.dtype)
                t.reshape(-1)[j] = d
                tangents = _tangents(func, inputs, i, wrap(beside(t, inputs[i]._data)))
                for k, found in enumerate(tangents):
                    _compare(
                        xp.reshape(to_host(found._data), (-1,)),
                        numeric[place][k][row],
                        atol,
                        rtol,
                        k,
                        i,
                        "analytical (forward mode)",
                    )
                row += 1


def _tangents(func: Any, inputs: Sequence[Any], i: int, t: Tensor) -> list[Tensor]:
    from refgrad.autograd.forward_ad import dual_level, make_dual, unpack_dual
    from refgrad.rules import zeros_like

    with dual_level():
        duals = [make_dual(x.detach(), t) if k == i else x for k, x in enumerate(inputs)]
        return [zeros_like(o) if (p := unpack_dual(o).tangent) is None else p for o in _outputs(func, duals)]


def _check_undefined(func: Any, inputs: Sequence[Any]) -> None:
    """A backward that gets no gradients must give none, or zeros."""
    outs = [o for o in _outputs(func, inputs) if o.requires_grad and o.grad_fn is not None]
    for o in outs:
        node = o.grad_fn
        if not node.on_tensors:
            continue
        cs = node.pull_tensors(_Plain(), [None] * len(node.metas))
        if any(c is not None and (to_host(c._data) != 0).any() for c in cs):
            raise GradcheckError(
                "Expected backward function to handle undefined output grads. Please look at 'Notes about undefined "
                "output gradients' in "
                "'tools/autograd/derivatives.yaml'"
            )


class _Plain:
    tensors = True

    def _lower(self, x: Any) -> Any:
        return x


def _check_batched(func: Any, inputs: Sequence[Any]) -> None:
    outs, picked = _outputs(func, inputs), _checked(inputs)
    for o in outs:
        if not o.requires_grad:
            continue
        seeds = randn((2, *o.shape), dtype=o.dtype, device=o.device)
        wanted = [inputs[i] for i in picked]
        rows = [grad(o, wanted, seeds[n], retain_graph=True, allow_unused=True) for n in range(2)]
        whole = vmap(lambda s, o=o, wanted=wanted: grad(o, wanted, s, retain_graph=True, materialize_grads=True))(seeds)
        for place in range(len(picked)):
            for n in range(2):
                row = rows[n][place]
                if row is not None and not namespace().allclose(to_host(row._data), to_host(whole[place]._data[n])):
                    raise GradcheckError(
                        "While testing batched gradients: the gradients computed in a batch differ from those "
                        "computed one by one"
                    )


__all__ = ["GradcheckError", "gradcheck", "gradgradcheck"]
