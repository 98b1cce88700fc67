"""Elements written, added and reduced where an index sends them; positions in row-major order; order along one dimension."""

from __future__ import annotations

from typing import Any

from conformance.operators.sampling import Choice, Sampling, calls, more, per_argument, points, regions, varied
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="negative huge vast subnormal"))
_UNTIED = per_argument(regions(without="negative huge vast subnormal integers"))


def _at(*positions: int) -> dict[str, Choice]:
    """An index that is given."""
    return {"index": Choice("given", values=positions)}


operator("take(input, index)", core=False, sampling=calls(
    ("regular", (2, 3), (4,), {}), ("matrix", (3, 2), (2, 2), {}), ("duplicates", (2, 3), (5,), {"choices": _at(4, 1, 4, 4, 0)}),
    ("below-zero", (2, 3), (3,), {"choices": _at(-1, -6, 2)}), ("no-dimensions", (3, 2), (), {}), ("scalar", (), (2,), {"choices": _at(0)}),
    ("empty", (2, 3), (0,), {}), ("size-1", (1,), (1,), {"choices": _at(0)}),
    arguments=("input", "index"), choices={"index": Choice("index", 6)}, regions=_VALUES, complex=True,
))  # fmt: skip
operator("put(input, index, source, *, accumulate=False)", core=False, sampling=calls(
    ("regular", (2, 3), (4,), (4,), {}), ("added", (2, 3), (5,), (5,), {"accumulate": True, "choices": _at(4, 1, 4, -2, 0)}),
    ("shapes", (2, 3), (2, 2), (4, 1), {}), ("below-zero", (2, 3), (2,), (2,), {"choices": _at(-1, -6)}), ("scalar", (), (), (), {"choices": _at(0)}),
    ("scalar-added", (), (2,), (2,), {"accumulate": True, "choices": _at(0)}), ("empty", (2, 3), (0,), (0,), {}), ("nothing", (0,), (0,), (0,), {}), ("all", (2, 2), (4,), (4,), {"choices": _at(3, 1, 0, 2)}),
    arguments=("input", "index", "source"), choices={"index": Choice("apart", 6)}, regions=_VALUES, complex=True,
))  # fmt: skip
operator("index_fill(input, *, dim, index, value)", core=False, sampling=more(calls(
    ("regular", (3, 2), (2,), {"dim": 0, "value": 1.5}), ("duplicates", (2, 3), (4,), {"dim": 1, "value": 0.0}), ("negative", (2, 3, 2), (2,), {"dim": -2, "value": -2.0}),
    ("scalar", (), (1,), {"dim": 0, "value": 2.0, "choices": _at(0)}), ("no-dimensions", (3,), (), {"dim": 0, "value": 3.0}), ("empty", (3, 2), (0,), {"dim": 0, "value": 1.0}),
    arguments=("input", "index"), choices={"index": Choice("index", 3)}, regions=_VALUES, complex=True,
), ("tensor", (3, 2), (2,), (), {"dim": 0}), ("tensor-below-zero", (2, 3), (2,), (), {"dim": 1, "choices": _at(-1, -3)}), ("tensor-duplicates", (3, 2), (3,), (), {"dim": 0, "choices": _at(2, 0, 2)}), arguments=("input", "index", "value")))  # fmt: skip
operator("masked_scatter(input, mask, source)", core=False, sampling=calls(
    ("regular", (2, 3), (2, 3), (2, 3), {}), ("longer-source", (2, 3), (2, 3), (9,), {}), ("broadcast-mask", (2, 3), (3,), (6,), {}), ("broadcast-input", (3,), (2, 3), (6,), {}),
    ("scalar", (), (), (2,), {"choices": {"mask": Choice("given", values=(True,))}}), ("nothing", (2, 2), (2, 2), (3,), {"choices": {"mask": Choice("given", values=(False,))}}), ("empty", (0, 3), (3,), (2,), {}),
    arguments=("input", "mask", "source"), choices={"mask": Choice("ends")}, regions=_VALUES, complex=True,
))  # fmt: skip
operator("msort(input)", core=False, sampling=calls(
    ("regular", (4, 2), {}), ("vector", (5,), {}), ("scalar", (), {}), ("size-1", (1, 3), {}), ("cube", (3, 2, 2), {}), ("empty", (0, 2), {}), floating_outputs=(0,),
))  # fmt: skip
operator("aminmax(input, *, dim=OMITTED, keepdim=False)", core=False, outputs=2, sampling=calls(
    ("regular", (2, 3), {"dim": 1}), ("regular", (2, 3), {}), ("regular", (2, 3), {"dim": 0}), ("kept", (2, 3, 2), {"dim": -2, "keepdim": True}), ("kept", (2, 3), {"keepdim": True}),
    ("scalar", (), {}), ("size-1", (1,), {"dim": 0}), ("empty-kept", (0, 3), {"dim": 1}), ("equal", (2, 3), {"dim": 1, "ranges": {"input": points(0.5, 0.5, 0.5, -2.0, -2.0, -2.0)}, "smooth": False}),
    ties="even-max", tiled="rows", regions=per_argument(regions(without="huge vast subnormal")),
))  # fmt: skip

# reductions of what an index sends to one place

_ZERO, _ZEROS = points(0.0, 2.0, -3.0, 4.0, 5.0), points(0.0, 0.0, 2.0, -3.0, 0.0, 1.5, 0.0)


def _reductions(
    base: str, names: str, shape: tuple[int, ...], index: tuple[int, ...], arguments: tuple[str, ...]
) -> Sampling:
    """Every reduction with an element's own value and without it, along `dim=0`; the base is the first one."""
    source = (index[0], *shape[1:])
    every = [(r, own) for r in (base, *names.split()) for own in (True, False)]
    made: list[tuple[Any, ...]] = [
        ("regular", shape, index, source, {"dim": 0, "reduce": r, "include_self": own}) for r, own in every
    ]
    equal, below = points(1.5), points(1.5, 0.25, -1.0, 0.5)
    onto_one = _at(0, 1, 2, 2)  # places 0 and 1 have one source each, that of place 0 is as large as its own element
    made += [
        (f"{which}-own", (3,), (4,), (4,), {"dim": 0, "reduce": reduce, "include_self": False, "choices": onto_one, "ranges": {arguments[0]: equal, arguments[2]: sent}})
        for which, reduce, sent in (("equal", "amax", below), ("equal-least", "amin", points(1.5, 2.0, 3.0, 2.5)))
    ]  # fmt: skip
    made += [
        (f"{label}{'' if own else '-alone'}", (3,), (5,), (5,), {"dim": 0, "reduce": "prod", "include_self": own, "choices": _at(0, 0, 1, 2, 0), "ranges": {argument: zeros}})
        for own in (True, False)
        for label, argument, zeros in (("zero", arguments[2], _ZERO), ("zeros", arguments[2], _ZEROS), ("zero-own", arguments[0], _ZERO))
    ]  # fmt: skip
    made += [
        (f"untouched-{r}", (3,), (2,), (2,), {"dim": 0, "reduce": r, "include_self": False, "choices": _at(1)})
        for r in ("mean", "prod", "amin")
    ]
    made += [
        ("scalar", (), (1,) if len(index) == 1 else (), (), {"dim": 0, "reduce": "mean", "choices": _at(0)}),
        ("empty", (3,), (0,), (0,), {"dim": 0, "reduce": "prod"}),
    ]
    return calls(*made, arguments=arguments, choices={"index": Choice("index", 3)}, regions=_UNTIED, ties="gathered")


operator("scatter_reduce(input, *, dim, index, src, reduce, include_self=True)", core=False, sampling=more(
    _reductions("amax", "amin sum mean prod", (3, 2), (4, 2), ("input", "index", "src")),
    ("last", (2, 3), (2, 4), (2, 4), {"dim": -1, "reduce": "prod"}), ("narrow", (3, 2), (2, 1), (2, 1), {"dim": 0, "reduce": "mean"}), ("cube", (2, 3, 2), (2, 2, 2), (2, 2, 2), {"dim": 1, "reduce": "amin"}),
    arguments=("input", "index", "src"),
))  # fmt: skip
operator("index_reduce(input, *, dim, index, source, reduce, include_self=True)", core=False, sampling=varied(more(
    _reductions("amin", "amax mean prod", (3, 2), (4,), ("input", "index", "source")),
    ("last", (2, 3), (4,), (2, 4), {"dim": -1, "reduce": "prod"}), ("cube", (2, 3, 2), (2,), (2, 2, 2), {"dim": 1, "reduce": "mean", "include_self": False}),
    arguments=("input", "index", "source"),
), forward=False))  # fmt: skip
