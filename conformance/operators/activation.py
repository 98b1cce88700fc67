"""Activations and what turns a row into weights."""

from __future__ import annotations

from conformance.operators.sampling import calls, each, more, per_argument, points, regions, rows, unary, varied
from conformance.operators.spec import operator

_TAILS = each((30.0, 700.0), (15.0, 85.0), signed=True)
_ROWS = (
    ("regular", (2, 3), {"dim": 1}), ("regular", (2, 3), {"dim": 0}), ("regular", (2, 2, 2), {"dim": -2}), ("scalar", (), {"dim": 0}),
    ("size-1", (1,), {"dim": 0}), ("empty", (0,), {"dim": 0}), ("row-of-one", (3, 1), {"dim": -1}), ("vector", (5,), {"dim": 0}),
)  # fmt: skip
_WEIGHTS = per_argument(
    regions(without="subnormal huge", tails=each((50.0, 700.0), (20.0, 85.0), signed=True), constant=rows(-3.0, 3.0))
)


operator("nn.functional.relu(input)", sampling=unary(kinks={0.0: 0.0}))
operator("nn.functional.relu6(input)", sampling=unary(kinks={0.0: 0.0, 6.0: 0.0}))
operator("nn.functional.hardtanh(input, *, min_val=-1.0, max_val=1.0)", sampling=unary(
    attributes=({}, {"min_val": -0.5, "max_val": 2.0}), integers=(-4, -3, -2, 2, 3, 4),
    kinks=lambda a: {a.get("min_val", -1.0): 0.0, a.get("max_val", 1.0): 0.0}, without="integers",
))  # fmt: skip
operator(
    "nn.functional.hardsigmoid(input)",
    sampling=varied(unary(integers=(-4, -2, -1, 1, 2, 4), kinks={-3.0: 0.0, 3.0: 0.0}), smooth=False),
)
operator("nn.functional.hardswish(input)", sampling=unary(integers=(-4, -2, -1, 1, 2, 4), kinks={-3.0: 0.0, 3.0: 1.0}))
operator("nn.functional.leaky_relu(input, *, negative_slope=0.01)", sampling=unary(
    attributes=({}, {"negative_slope": 0.25}, {"negative_slope": 0.0}), kinks=lambda a: {0.0: a.get("negative_slope", 0.01)},
))  # fmt: skip
operator("nn.functional.elu(input, *, alpha=1.0)", sampling=unary(
    attributes=({}, {"alpha": 0.5}), tails=_TAILS, kinks=lambda a: {0.0: a["alpha"]} if a.get("alpha", 1.0) != 1.0 else {},
))  # fmt: skip
operator("nn.functional.celu(input, *, alpha=1.0)", sampling=unary(attributes=({}, {"alpha": 0.5}), tails=_TAILS))
operator(
    "nn.functional.selu(input)",
    sampling=unary(tails=_TAILS, kinks={0.0: 1.0507009873554804934193349852946 * 1.6732632423543772848170429916717}),
)
operator("nn.functional.gelu(input, *, approximate='none')", sampling=unary(
    attributes=({}, {"approximate": "tanh"}), boundary=(0.0,), tails=each((6.0, 30.0), (4.0, 12.0), signed=True),
))  # fmt: skip
for _name in ("silu", "mish", "logsigmoid", "softsign", "tanhshrink"):
    operator(f"nn.functional.{_name}(input)", sampling=unary(boundary=(0.0,), tails=_TAILS))
operator("nn.functional.softplus(input, *, beta=1.0, threshold=20.0)", sampling=more(unary(
    attributes=({}, {"beta": 2.0}, {"beta": 0.5, "threshold": 5.0}), boundary=(0.0, 19.5, 20.5), tails=_TAILS,
), ("threshold", (2, 3), {"beta": 2.0, "ranges": {"input": points(9.75, 10.25)}})))  # fmt: skip
for _name in ("softshrink", "hardshrink"):
    operator(f"nn.functional.{_name}(input, *, lambd=0.5)", sampling=unary(
        attributes=({}, {"lambd": 1.5}), kinks=lambda a: {a.get("lambd", 0.5): 0.0, -a.get("lambd", 0.5): 0.0},
    ))  # fmt: skip
operator("nn.functional.threshold(input, *, threshold, value)", sampling=unary(
    attributes=({"threshold": 0.5, "value": 0.25}, {"threshold": -1.5, "value": -1.5}),
    kinks=lambda a: {a["threshold"]: 0.0},
))  # fmt: skip
operator("nn.functional.prelu(input, weight)", sampling=calls(
    ("regular", (2, 3), (3,), {}), ("shared", (2, 3), (1,), {}), ("cube", (2, 2, 2), (2,), {}), ("scalar", (), (1,), {}), ("vector", (3,), (1,), {}),
    ("empty", (0, 2), (2,), {}), arguments=("input", "weight"),
))  # fmt: skip
operator("nn.functional.glu(input, *, dim=-1)", sampling=calls(
    ("regular", (2, 4), {}), ("first", (4, 2), {"dim": 0}), ("empty", (0, 2), {}), ("negative", (2, 4, 1), {"dim": -2}), regions=_WEIGHTS, tiled="rows",
))  # fmt: skip
for _name in ("softmax", "log_softmax"):
    operator(f"{_name}(input, *, dim)", sampling=calls(*_ROWS, regions=_WEIGHTS, tiled="all"))
operator("nn.functional.softmin(input, *, dim)", sampling=calls(*_ROWS, regions=_WEIGHTS, tiled="all"))
operator("nn.functional.normalize(input, *, p=2.0, dim=1, eps=1e-12)", sampling=calls(
    ("regular", (2, 3), {}), ("first", (2, 3), {"dim": 0}), ("one", (2, 3), {"p": 1.0}), ("three", (2, 3), {"p": 3.0, "dim": -1}),
    ("clamped", (2, 3), {"eps": 50.0}), ("several", (2, 3, 2), {"dim": (0, -1)}), ("infinity", (2, 3), {"p": float("inf")}), ("empty", (0, 3), {}),
    regions=per_argument(regions(without="subnormal huge")),
))  # fmt: skip
