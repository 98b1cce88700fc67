"""Derivatives that are wrong in some circumstances only: a layout, shape, size or dtype, or a constant operand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.faults.twisting import Call, Twist, planted


def _drop(_torch: Any, g: Any, _x: Any) -> Any:
    return g * 0


def _double(_torch: Any, g: Any, _x: Any) -> Any:
    return g * 2


def _half_precision(_torch: Any, g: Any, _x: Any) -> Any:
    return g if g.is_complex() else g.half().to(g.dtype)


def _single_precision(_torch: Any, g: Any, _x: Any) -> Any:
    return g if g.is_complex() else g.float().to(g.dtype)


def _in_memory_order(_torch: Any, g: Any, _x: Any) -> Any:
    """Rows written as columns, as by code that looks at the storage of a transposed tensor."""
    return g.transpose(-2, -1).reshape(g.shape)


def _first_row_everywhere(_torch: Any, g: Any, _x: Any) -> Any:
    return g[:1].expand(g.shape) if g.ndim and g.shape[0] else g


def _last_dropped(torch: Any, g: Any, _x: Any) -> Any:
    """Without the last of the elements along the last dimension."""
    return torch.cat([g[..., :-1], g[..., -1:] * 0], dim=-1) if g.ndim else g


def _argument(i: int, test: Callable[[Any], bool]) -> Callable[[Call], bool]:
    return lambda call: i < len(call.args) and hasattr(call.args[i], "stride") and test(call.args[i])


def _is_transposed(x: Any) -> bool:
    return x.ndim > 1 and min(x.shape) > 1 and tuple(x.stride()) == tuple(sorted(x.stride())) and x.stride()[0] > 0


def _is_sliced(x: Any) -> bool:
    return x.ndim > 0 and not x.is_contiguous() and not _is_transposed(x) and 0 not in x.stride()


def _is_expanded(x: Any) -> bool:
    return any(s == 0 and n > 1 for s, n in zip(x.stride(), x.shape, strict=True))


def _has_constant(call: Call) -> bool:
    return any(not t.requires_grad for t in call.tensors())


def _has_integers(call: Call) -> bool:
    return any(not (t.is_floating_point() or t.is_complex()) for t in call.tensors())


def _broadcasts(call: Call) -> bool:
    return len({tuple(t.shape) for t in call.tensors()}) > 1


def _same_twice(call: Call) -> bool:
    return len(call.args) > 1 and call.args[0] is call.args[1]


def _layout(operator: str, pull: Any, test: Callable[[Any], bool], argument: int = 0) -> Twist:
    return Twist(operator, pull, argument=argument, when=_argument(argument, test))


planted(
    "only for a layout",
    {
        "sin-reads-transposed-storage": (
            "The gradient of sin at a transposed tensor is written in the order of its storage.",
            _layout("sin", _in_memory_order, _is_transposed),
            ["op/sin/vjp/transposed/*"],
        ),
        "sum-reads-transposed-storage": (
            "A sum over a transposed tensor spreads its cotangent in the order of storage.",
            _layout("sum", _in_memory_order, _is_transposed),
            ["op/sum/vjp/transposed/*"],
        ),
        "mul-reads-transposed-storage": (
            "The second factor of a product gets its gradient in the order of storage if it is transposed.",
            _layout("mul", _in_memory_order, _is_transposed, 1),
            ["op/mul/vjp/transposed/*"],
        ),
        "matmul-reads-transposed-storage": (
            "A product of matrices takes a transposed left operand for one that is not.",
            _layout("matmul", _in_memory_order, _is_transposed),
            ["op/matmul/vjp/transposed/*"],
        ),
        "exp-of-a-slice-misses-its-end": (
            "The gradient of exp at a slice lacks the last column, which lies beyond a contiguous tensor of that size.",
            _layout("exp", _last_dropped, _is_sliced),
            ["op/exp/vjp/sliced/*"],
        ),
        "softmax-of-a-slice-misses-its-end": (
            "softmax of a slice passes nothing back to the last column.",
            _layout("softmax", _last_dropped, _is_sliced),
            ["op/softmax/vjp/sliced/*"],
        ),
        "expanded-input-once": (
            "tanh of an expanded tensor passes back the cotangent of one row for each.",
            _layout("tanh", _first_row_everywhere, _is_expanded),
            ["op/tanh/vjp/expanded/*"],
        ),
        "expanded-factor-once": (
            "The product with an expanded tensor passes the gradient of its first row to all rows.",
            _layout("mul", _first_row_everywhere, _is_expanded),
            ["op/mul/vjp/expanded/*"],
        ),
        "conv-channels-last-unscaled": (
            "A convolution of images with the channels last doubles the gradient.",
            _layout("nn.functional.conv2d", _double, lambda x: _has_channels_last(x)),
            ["op/nn.functional.conv2d/vjp/channels-last/*"],
        ),
        "pool-channels-last-constant": (
            "Average pooling of images with the channels last passes nothing back.",
            _layout("nn.functional.avg_pool2d", _drop, lambda x: _has_channels_last(x)),
            ["op/nn.functional.avg_pool2d/vjp/channels-last/*"],
        ),
    },
)


def _has_channels_last(x: Any) -> bool:
    return x.ndim == 4 and x.stride()[1] == 1 and not x.is_contiguous()


planted(
    "only for a shape or size",
    {
        "scalars-pass-nothing": (
            "A tensor without dimensions gets no gradient from sin.",
            Twist("sin", _drop, _drop, when=_argument(0, lambda x: x.ndim == 0)),
            ["op/sin/vjp/scalar/*"],
        ),
        "vectors-softmax-over-nothing": (
            "softmax of a vector passes nothing back.",
            Twist("softmax", _drop, _drop, when=_argument(0, lambda x: x.ndim == 1)),
            ["op/softmax/vjp/vector/*"],
        ),
        "single-elements-doubled": (
            "A sum of one element counts it twice.",
            Twist("sum", _double, _double, when=_argument(0, lambda x: tuple(x.shape) == (1,))),
            ["op/sum/vjp/size-1/*"],
        ),
        "cubes-miss-their-end": (
            "exp of three dimensions passes nothing back to the end of the last.",
            Twist("exp", _last_dropped, _last_dropped, when=_argument(0, lambda x: x.ndim == 3)),
            ["op/exp/vjp/cube/*"],
        ),
        "loop-stops-at-a-block": (
            "tanh's loop goes over blocks of 32 elements and forgets the rest of a row.",
            Twist("tanh", _last_dropped, _last_dropped, when=_argument(0, lambda x: x.ndim and x.shape[-1] > 32)),
            ["op/tanh/vjp/tiled/*"],
        ),
        "sum-loop-stops-at-a-block": (
            "The sum of long rows spreads its cotangent to all but the last column.",
            Twist("sum", _last_dropped, _last_dropped, when=_argument(0, lambda x: x.ndim and x.shape[-1] > 32)),
            ["op/sum/vjp/tiled/*"],
        ),
        "mm-inner-loop-stops-at-a-block": (
            "A product of matrices leaves the last of more than 32 columns without gradient.",
            Twist("mm", _last_dropped, _last_dropped, when=_argument(0, lambda x: x.ndim and x.shape[-1] > 32)),
            ["op/mm/vjp/blocked/*"],
        ),
        "broadcast-summand-counted-twice": (
            "A summand that is broadcast gets its gradient twice.",
            Twist("add", _double, argument=1, when=_broadcasts),
            ["op/add/vjp/broadcast*"],
        ),
        "broadcast-factor-first-row": (
            "A factor that is broadcast passes back what its first row got.",
            Twist("mul", _first_row_everywhere, argument=1, when=_broadcasts),
            ["op/mul/vjp/broadcast*"],
        ),
        "vector-times-matrix-dropped": (
            "In a vector times a matrix the vector gets no gradient.",
            Twist("matmul", _drop, when=_argument(0, lambda x: x.ndim == 1)),
            ["op/matmul/vjp/vector-matrix/*"],
        ),
        "stack-of-matrices-counted-twice": (
            "A matrix shared by a stack gets the gradient of each twice.",
            Twist("matmul", _double, argument=1, when=lambda call: call.args[0].ndim > call.args[1].ndim == 2),
            ["op/matmul/vjp/stack-shared/*"],
        ),
        "overlapping-windows-once": (
            "Windows of a pooling that overlap pass back half of what they should.",
            Twist("nn.functional.avg_pool2d", lambda torch, g, x: g / 2, when=lambda call: _overlaps(call)),
            ["op/nn.functional.avg_pool2d/vjp/*"],
        ),
        "dilated-kernel-gradient-dropped": (
            "The weights of a dilated convolution get no gradient.",
            Twist("nn.functional.conv2d", _drop, argument=1, when=lambda call: _any_above_one(call, "dilation")),
            ["op/nn.functional.conv2d/vjp/dilation/*"],
        ),
        "strided-input-gradient-doubled": (
            "The input of a convolution with a stride gets its gradient twice.",
            Twist("nn.functional.conv2d", _double, when=lambda call: _any_above_one(call, "stride")),
            ["op/nn.functional.conv2d/vjp/stride/*"],
        ),
        "groups-share-gradient": (
            "The weights of a convolution in groups get the gradients of all groups.",
            Twist("nn.functional.conv2d", _double, argument=1, when=lambda call: _any_above_one(call, "groups")),
            ["op/nn.functional.conv2d/vjp/groups/*"],
        ),
        "kept-dimension-divides": (
            "A mean that keeps its dimension passes half of the gradient.",
            Twist("mean", lambda torch, g, x: g / 2, when=lambda call: bool(call.kw.get("keepdim"))),
            ["op/mean/vjp/*"],
        ),
        "wide-matrix-transposed": (
            "The trace of a matrix that is not square passes its gradient on in the wrong order.",
            Twist("trace", _in_memory_order, when=_argument(0, lambda x: x.shape[0] != x.shape[1])),
            ["op/trace/vjp/*"],
        ),
    },
)


def _any_above_one(call: Call, name: str) -> bool:
    value = call.kw.get(name, 1)
    return max(value if isinstance(value, tuple | list) else (value,)) > 1


def _overlaps(call: Call) -> bool:
    kernel, stride = call.kw.get("kernel_size"), call.kw.get("stride")
    return bool(kernel and stride) and tuple(kernel) > tuple(stride)


planted(
    "only for a dtype",
    {
        "single-precision-rounded-to-half": (
            "The gradient of exp in float32 is computed in float16.",
            Twist("exp", _half_precision, when=_argument(0, lambda x: str(x.dtype).endswith("float32"))),
            ["op/exp/vjp/*@float32"],
        ),
        "double-precision-rounded-to-single": (
            "The gradient of sin in float64 is computed in float32.",
            Twist("sin", _single_precision, when=_argument(0, lambda x: str(x.dtype).endswith("float64"))),
            ["op/sin/vjp/*@float64"],
        ),
        "matmul-in-reduced-precision": (
            "The gradient of a product of matrices in float32 is rounded to ten bits, as by tensor cores.",
            Twist("matmul", _half_precision, when=_argument(0, lambda x: str(x.dtype).endswith("float32"))),
            ["op/matmul/vjp/*@float32"],
        ),
        "tangents-in-single-precision": (
            "Tangents through mul are rounded to float32.",
            Twist("mul", None, _single_precision),
            ["op/mul/jvp/*@float64"],
        ),
        "conv-in-single-precision": (
            "The weights' gradient of a convolution in float64 is summed in float32.",
            Twist("nn.functional.conv2d", _single_precision, argument=1),
            ["op/nn.functional.conv2d/vjp/*@float64"],
        ),
        "complex-exp-unconjugated": (
            "exp of complex numbers multiplies the cotangent by itself, not its conjugate.",
            Twist("exp", lambda torch, g, x: g * torch.exp(x - x.conj()) if x.is_complex() else g),
            ["op/exp/vjp/*@complex128"],
        ),
        "complex-abs-loses-phase": (
            "abs of complex numbers gives a real gradient.",
            Twist("abs", lambda torch, g, x: g + g.conj() if x.is_complex() else g),
            ["op/abs/vjp/*@complex128"],
        ),
        "complex-matmul-unconjugated": (
            "A product of complex matrices gives its left operand the conjugate of the gradient.",
            Twist("matmul", lambda torch, g, x: g.conj() if x.is_complex() else g),
            ["op/matmul/vjp/*@complex128"],
        ),
        "complex-sum-loses-imaginary-part": (
            "A sum of complex numbers passes only the real part of the cotangent back.",
            Twist("sum", lambda torch, g, x: torch.complex(g.real, g.imag * 0) if x.is_complex() else g),
            ["op/sum/vjp/*@complex64"],
        ),
        "complex-tangent-conjugated": (
            "mul conjugates the tangents of complex numbers.",
            Twist("mul", None, lambda torch, g, x: g.conj().clone() if x.is_complex() else g.clone()),
            ["op/mul/jvp/*@complex128"],
        ),
        "integer-factor-dropped": (
            "A tensor multiplied by integers gets its gradient without them.",
            Twist("mul", _double, when=_has_integers),
            ["op/mul/vjp/integer-other/*"],
        ),
    },
)

planted(
    "only for a constant operand",
    {
        "constant-factor-counts-twice": (
            "A tensor times a constant gets twice the gradient.",
            Twist("mul", _double, when=_has_constant),
            ["op/mul/vjp/constant-other/*"],
        ),
        "constant-numerator-dropped": (
            "The divisor of a constant gets no gradient.",
            Twist("div", _drop, argument=1, when=_has_constant),
            ["op/div/vjp/constant-*"],
        ),
        "constant-minuend-sign-lost": (
            "What is subtracted from a constant gets a gradient of the wrong sign.",
            Twist("sub", lambda torch, g, x: -g, argument=1, when=_has_constant),
            ["op/sub/vjp/constant-*"],
        ),
        "constant-base-dropped": (
            "The exponent of a constant base gets no gradient.",
            Twist("pow", _drop, argument=1, when=_has_constant),
            ["op/pow/vjp/constant-input/*"],
        ),
        "constant-exponent-lowered-twice": (
            "The base of a constant power gets twice the gradient.",
            Twist("pow", _double, when=_has_constant),
            ["op/pow/vjp/constant-exponent/*"],
        ),
        "constant-weight-freezes-input": (
            "The input of a linear layer with a constant weight gets no gradient.",
            Twist("nn.functional.linear", _drop, when=lambda call: not call.args[1].requires_grad),
            ["op/nn.functional.linear/vjp/constant-weight/*"],
        ),
        "constant-bias-freezes-weight": (
            "The weights of a convolution with a constant bias get no gradient.",
            Twist("nn.functional.conv2d", _drop, argument=1, when=_has_constant),
            ["op/nn.functional.conv2d/vjp/constant-*"],
        ),
        "constant-target-doubles-loss": (
            "The loss against a constant target has twice its gradient.",
            Twist("nn.functional.mse_loss", _double, when=_has_constant),
            ["op/nn.functional.mse_loss/vjp/constant-target/*"],
        ),
        "constant-matrix-transposed": (
            "The left operand of a product with a constant matrix gets twice its gradient.",
            Twist("mm", _double, when=_has_constant),
            ["op/mm/vjp/constant-mat2/*"],
        ),
        "constant-branch-takes-all": (
            "where passes the whole cotangent to its first branch if the other is constant.",
            Twist("where", _double, argument=1, when=lambda call: not call.args[2].requires_grad),
            ["op/where/vjp/constant-*"],
        ),
        "constant-end-dropped": (
            "lerp towards a constant passes its start's gradient doubled.",
            Twist("lerp", _double, when=lambda call: not call.args[1].requires_grad),
            ["op/lerp/vjp/constant-end/*"],
        ),
        "constant-summand-doubles": (
            "A tensor added to a constant gets twice the gradient.",
            Twist("add", _double, when=_has_constant),
            ["op/add/vjp/constant-other/*"],
        ),
        "same-factor-counted-once": (
            "The product of a tensor with itself counts one of its two uses.",
            Twist("mul", _drop, argument=1, when=_same_twice),
            ["op/mul/vjp/same-tensor/*"],
        ),
        "same-divisor-counted-once": (
            "The quotient of a tensor by itself counts the numerator only.",
            Twist("div", _drop, argument=1, when=_same_twice),
            ["accumulation.leaf-used-many-times-sums*"],
        ),
        "same-leg-of-hypot-counted-once": (
            "hypot of a tensor with itself counts its first use only.",
            Twist("hypot", _drop, argument=1, when=_same_twice),
            ["op/hypot/vjp/same-tensor/*"],
        ),
    },
)
