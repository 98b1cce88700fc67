"""Integrals, differences and derivatives of samples; functions of the gamma family."""

from __future__ import annotations

from conformance.operators.sampling import POSITIVE, both, calls, each, more, per_argument, regions, unary
from conformance.operators.spec import operator

_SAMPLES = per_argument(regions(without="vast subnormal"))
_EVEN = (
    ("regular", (2, 4), {}), ("regular", (2, 4), {"dx": 0.5, "dim": 0}), ("negative", (2, 3, 2), {"dx": -2.0, "dim": -2}), ("vector", (5,), {"dx": 2}),
    ("two", (2,), {}), ("one", (3, 1), {}), ("empty", (0, 3), {}),
)  # fmt: skip
_UNEVEN = (
    ("places", (2, 4), (4,), {}), ("places-first", (3, 2), (3,), {"dim": 0}), ("places-each", (2, 3), (2, 3), {}), ("places-ranks", (2, 2, 3), (2, 3), {}),
    ("places-negative", (2, 3, 2), (3,), {"dim": -2}), ("places-broadcast", (2, 3), (1, 3), {}), ("places-one", (2, 1), (1,), {}),
)  # fmt: skip
for _name in ("trapezoid", "cumulative_trapezoid"):
    operator(f"{_name}(y, x, *, dx=OMITTED, dim=-1)", core=False, sampling=more(
        calls(*_EVEN, *((("none", (2, 0), {}),) if _name == "trapezoid" else ()), arguments=("y",), regions=_SAMPLES, complex=True), *_UNEVEN, arguments=("y", "x"),
    ))  # fmt: skip
operator("trapz(y, x, *, dx=OMITTED, dim=-1)", core=False, sampling=more(
    calls(*_EVEN[:2], arguments=("y",), regions=per_argument({"ordinary": both(0.2, 3.0, signed=True)})), *_UNEVEN[:2], arguments=("y", "x"),
))  # fmt: skip
operator("diff(input, *, n=1, dim=-1, prepend=None, append=None)", core=False, sampling=more(more(more(calls(
    ("regular", (2, 4), {}), ("regular", (4, 2), {"n": 2, "dim": 0}), ("third", (5,), {"n": 3}), ("negative", (2, 3, 2), {"dim": -2}), ("none", (2, 3), {"n": 0}), ("too-many", (2, 2), {"n": 3}),
    ("size-1", (1,), {}), ("empty", (0, 3), {}), regions=_SAMPLES, complex=True,
), ("before", (2, 3), (2, 1), {}), arguments=("input", "prepend")), ("after", (3, 2), (2, 2), {"dim": 0, "n": 2}), arguments=("input", "append")),
   ("around", (2, 3), (2, 2), (2, 1), {"n": 2}), arguments=("input", "prepend", "append")))  # fmt: skip
operator("gradient(input, *, spacing=1, dim=None, edge_order=1)", outputs=None, core=False, sampling=more(calls(
    ("regular", (5,), {"outputs": 1}), ("both", (3, 4), {"outputs": 2}), ("regular", (2, 4), {"dim": (1,), "outputs": 1, "spacing": 0.5}), ("second", (5,), {"edge_order": 2, "outputs": 1}),
    ("second-both", (3, 4), {"edge_order": 2, "spacing": -2.0, "outputs": 2}), ("spacings", (2, 3), {"spacing": (0.5, 2.0), "outputs": 2}), ("negative", (2, 4, 2), {"dim": (-2, 0), "spacing": (0.5, 2.0), "outputs": 2}),
    ("two", (2,), {"outputs": 1}), ("three", (3,), {"edge_order": 2, "outputs": 1}), regions=_SAMPLES, complex=True,
), ("places", (4,), ((4,),), {"outputs": 1}), ("places-second", (4,), ((4,),), {"outputs": 1, "edge_order": 2}), ("places-both", (3, 4), ((3,), (4,)), {"outputs": 2, "edge_order": 2}),
   ("places-one", (2, 4), ((4,),), {"dim": (1,), "outputs": 1}), ("places-two", (2,), ((2,),), {"outputs": 1}), arguments=("input", "spacing")))  # fmt: skip

# the gamma family

_GAMMA = {"negative": both(-2.8, -2.2), "boundary": (1.0,)}
operator("polygamma(input, *, n)", core=False, sampling=unary(
    POSITIVE, attributes=tuple({"n": n} for n in (1, 0, 2, 3, 4)), negative=both(-2.8, -2.2), boundary=(1.0,), tails=each((30.0, 900.0), (30.0, 90.0)), without="huge vast tiny subnormal",
))  # fmt: skip
operator(
    "special.polygamma(input, *, n)",  # the same
    core=False,
    sampling=calls(
        ("regular", (2, 3), {"n": 0}),
        ("scalar", (), {"n": 2}),
        ("vector", (4,), {"n": 1}),
        regions=per_argument({"ordinary": both(0.2, 4.0)}),
        layouts=False,
    ),
)
operator("mvlgamma(input, *, p)", core=False, sampling=unary(
    (2.0, float("inf")), attributes=tuple({"p": p} for p in (1, 3, 5)), boundary=(3.0,), tails=each((30.0, 900.0), (30.0, 90.0)), without="huge vast",
))  # fmt: skip
