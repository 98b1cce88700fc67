"""First derivatives that are right, and second or third ones that are not; and forward mode that is wrong alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from conformance.faults.mutation.rows import forget_plans, rows, wrap_pulls
from conformance.faults.registry import Fault, register
from conformance.faults.twisting import Twist, planted

SECOND, THIRD, FORWARD = "order two only", "order three only", "forward mode only"


def _constant(x: Any) -> Any:
    return x.detach() if hasattr(x, "detach") else x


def _freeze(row: str, argument: int, *, result: bool, arguments: bool) -> Callable[[Any], None]:
    """A patch by which a rule takes what was saved for it as constants, so that its own derivative lacks their terms."""

    def patch(_engine: Any) -> None:
        def make(pull: Any) -> Any:
            def wrong(g: Any, y: Any, xs: Any, attrs: Any) -> Any:
                return pull(g, _constant(y) if result else y, [_constant(x) for x in xs] if arguments else xs, attrs)

            return wrong

        wrap_pulls(rows()[row], argument, make)
        forget_plans(rows()[row])

    return patch


# name: (statement, row, argument, whether the result is what is frozen, the operator whose cases must find it)
_FROZEN: dict[str, tuple[str, str, int, bool, str]] = {
    "exp-result-frozen": ("exp's backward takes the saved result as a constant.", "elementary.exp", 0, True, "exp"),
    "tanh-result-frozen": ("tanh's backward takes the saved result as a constant.", "elementary.tanh", 0, True, "tanh"),
    "sigmoid-result-frozen": (
        "sigmoid's backward takes the saved result as a constant.",
        "elementary.sigmoid",
        0,
        True,
        "sigmoid",
    ),
    "sqrt-result-frozen": ("sqrt's backward takes the saved result as a constant.", "arithmetic.sqrt", 0, True, "sqrt"),
    "softmax-result-frozen": (
        "softmax's backward takes the saved result as a constant.",
        "normalisation.softmax",
        0,
        True,
        "softmax",
    ),
    "log-softmax-result-frozen": (
        "log_softmax's backward takes the saved result as a constant.",
        "normalisation.log_softmax",
        0,
        True,
        "log_softmax",
    ),
    "inverse-frozen": (
        "inv's backward takes the saved inverse as a constant.",
        "decomposition.inv",
        0,
        True,
        "linalg.inv",
    ),
    "cholesky-factor-frozen": (
        "cholesky's backward takes the saved factor as a constant.",
        "decomposition.cholesky",
        0,
        True,
        "linalg.cholesky",
    ),
    "sin-argument-frozen": (
        "sin's backward takes the saved argument as a constant.",
        "elementary.sin",
        0,
        False,
        "sin",
    ),
    "log-argument-frozen": (
        "log's backward takes the saved argument as a constant.",
        "elementary.log",
        0,
        False,
        "log",
    ),
    "factor-frozen": ("A product's backward takes the other factor as a constant.", "arithmetic.mul", 0, False, "mul"),
    "divisor-frozen": ("A quotient's backward takes both operands as constants.", "arithmetic.div", 1, False, "div"),
    "base-frozen": ("A power's backward takes its base as a constant.", "arithmetic.pow", 0, False, "pow"),
    "matrix-frozen": ("matmul's backward takes the other matrix as a constant.", "linalg.matmul", 1, False, "matmul"),
    "kernel-frozen": (
        "A convolution's backward takes the weights as a constant.",
        "convolution.convolution",
        0,
        False,
        "nn.functional.conv2d",
    ),
    "norm-direction-frozen": (
        "A norm's backward takes its direction as a constant.",
        "norms.vector_norm",
        0,
        False,
        "linalg.vector_norm",
    ),
    "erf-argument-frozen": ("erf's backward takes the saved argument as a constant.", "special.erf", 0, False, "erf"),
    "gelu-argument-frozen": (
        "gelu's backward takes the saved argument as a constant.",
        "activation.gelu",
        0,
        False,
        "nn.functional.gelu",
    ),
    "logsumexp-shares-frozen": (
        "logsumexp's backward takes the weights as constants.",
        "normalisation.logsumexp",
        0,
        False,
        "logsumexp",
    ),
    "cumprod-factors-frozen": (
        "cumprod's backward takes its factors as constants.",
        "cumulative.cumprod",
        0,
        False,
        "cumprod",
    ),
}

for _name, (_statement, _row, _argument, _result, _operator) in _FROZEN.items():
    register(
        Fault(
            _name,
            _statement,
            _freeze(_row, _argument, result=_result, arguments=not _result),
            (f"op/{_operator}/order2/*",),
            SECOND,
        )
    )


def _bent(power: int, by: float) -> Callable[[Any, Any, Any], Any]:
    """Changes no value, but the derivative of order `power` of what passes."""
    return lambda torch, g, x: g * (1 + by * (x - x.detach()) ** power)


def _unrecorded(_torch: Any, g: Any, _x: Any) -> Any:
    return g.detach()


planted(
    SECOND,
    {
        "second-derivative-has-extra-term": (
            "The second derivative of cos has half of the first one in it too.",
            Twist("cos", _bent(1, 0.5)),
            ["op/cos/order2/*"],
        ),
        "second-derivative-of-sum-not-zero": (
            "A sum has a second derivative.",
            Twist("sum", _bent(1, 1.0)),
            ["op/sum/order2/*"],
        ),
        "cotangent-detached": (
            "tanh passes its cotangent back without its history.",
            Twist("tanh", _unrecorded),
            ["op/tanh/order2/*"],
        ),
        "second-derivative-of-softplus-bent": (
            "The second derivative of softplus lacks a factor.",
            Twist("nn.functional.softplus", _bent(1, -0.25)),
            ["op/nn.functional.softplus/order2/*"],
        ),
        "mean-cotangent-detached": (
            "mean passes its cotangent back without its history.",
            Twist("mean", _unrecorded),
            ["op/mean/order2/*"],
        ),
    },
)

planted(
    THIRD,
    {
        "third-derivative-of-exp-bent": (
            "The third derivative of exp has a term too many.",
            Twist("exp", _bent(2, 0.5)),
            ["op/exp/order3/*"],
        ),
        "third-derivative-of-sin-bent": (
            "The third derivative of sin has a term too many.",
            Twist("sin", _bent(2, 1.0)),
            ["op/sin/order3/*"],
        ),
        "third-derivative-of-tanh-bent": (
            "The third derivative of tanh lacks a term.",
            Twist("tanh", _bent(2, -1.0)),
            ["op/tanh/order3/*"],
        ),
        "third-derivative-of-product-bent": (
            "A product has a third derivative.",
            Twist("mul", _bent(2, 1.0)),
            ["op/mul/order3/*"],
        ),
        "third-derivative-of-matmul-bent": (
            "A product of matrices has a third derivative.",
            Twist("matmul", _bent(2, 1.0)),
            ["op/matmul/order3/*"],
        ),
        "third-derivative-of-log-bent": (
            "The third derivative of log has a term too many.",
            Twist("log", _bent(2, 1.0)),
            ["op/log/order3/*"],
        ),
        "third-derivative-of-div-bent": (
            "The third derivative of a quotient in its divisor has a term too many.",
            Twist("div", _bent(2, 1.0), argument=1),
            ["op/div/order3/*"],
        ),
        "third-derivative-of-softmax-bent": (
            "The third derivative of softmax has a term too many.",
            Twist("softmax", _bent(2, 1.0)),
            ["op/softmax/order3/*"],
        ),
    },
)


def _negative(_torch: Any, t: Any, _x: Any) -> Any:
    return -t


def _nothing(_torch: Any, t: Any, _x: Any) -> Any:
    return t * 0


def _twice(_torch: Any, t: Any, _x: Any) -> Any:
    return t * 2


planted(
    FORWARD,
    {
        "cos-tangent-sign": ("Tangents through cos lack the minus.", Twist("cos", None, _negative), ["op/cos/jvp/*"]),
        "subtrahend-tangent-sign": (
            "The tangent of what is subtracted is added.",
            Twist("sub", None, _negative, argument=1),
            ["op/sub/jvp/*"],
        ),
        "second-factor-tangent-dropped": (
            "A product's second factor counts as constant in forward mode.",
            Twist("mul", None, _nothing, argument=1),
            ["op/mul/jvp/*"],
        ),
        "divisor-tangent-dropped": (
            "A quotient's divisor counts as constant in forward mode.",
            Twist("div", None, _nothing, argument=1),
            ["op/div/jvp/*"],
        ),
        "exponent-tangent-dropped": (
            "A power's exponent counts as constant in forward mode.",
            Twist("pow", None, _nothing, argument=1),
            ["op/pow/jvp/*"],
        ),
        "right-matrix-tangent-twice": (
            "The tangent of a product's right matrix counts twice.",
            Twist("matmul", None, _twice, argument=1),
            ["op/matmul/jvp/*"],
        ),
        "weight-tangent-dropped": (
            "The weights of a convolution count as constant in forward mode.",
            Twist("nn.functional.conv2d", None, _nothing, argument=1),
            ["op/nn.functional.conv2d/jvp/*"],
        ),
        "softmax-tangent-plain": (
            "softmax's tangent is the argument's, less than it should be by the mean.",
            Twist("softmax", None, lambda torch, t, x: t * 0.5),
            ["op/softmax/jvp/*"],
        ),
        "sum-tangent-of-first-row": (
            "The tangent of a sum counts the first row only.",
            Twist("sum", None, lambda torch, t, x: torch.cat([t[:1], t[1:] * 0]) if t.ndim else t.clone()),
            ["op/sum/jvp/*"],
        ),
        "relu-tangent-everywhere": (
            "Tangents pass relu where it is flat too.",
            Twist("nn.functional.leaky_relu", None, lambda torch, t, x: torch.where(x < 0, t * 2, t)),
            ["op/nn.functional.leaky_relu/jvp/*"],
        ),
        "max-tangent-doubled": (
            "The tangent of amax counts twice.",
            Twist("amax", None, _twice),
            ["op/amax/jvp/*"],
        ),
    },
)
