"""Pooling over one and three dimensions, with and without fixed windows, and what undoes it."""

from __future__ import annotations

from conformance.operators.nearby import earlier
from conformance.operators.sampling import Choice, calls, each, per_argument, points, regions
from conformance.operators.spec import operator

_VALUES = per_argument(
    regions(without="subnormal huge integers negative", large=each((1e3, 1e5), (1e2, 1e3), signed=True))
)
_TIED = {"smooth": False, "ranges": {"input": points(2.0, 2.0, -1.0, 2.0, 0.5)}}
_PICKED = {"beside": {"input": earlier}, "floating_outputs": (0,), "regions": _VALUES}
_INDICES = {"return_indices": True, "outputs": 2}


operator("nn.functional.avg_pool1d(input, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)", core=False, sampling=calls(
    ("regular", (1, 2, 5), {"kernel_size": (3,), "stride": (2,)}), ("padding", (2, 1, 4), {"kernel_size": 3, "stride": 1, "padding": 1, "count_include_pad": False}),
    ("ceil", (1, 1, 6), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}), ("unbatched", (2, 4), {"kernel_size": 2}), ("gaps", (1, 1, 5), {"kernel_size": 1, "stride": 3}),
    ("empty-batch", (0, 2, 3), {"kernel_size": 2}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.avg_pool3d(input, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=OMITTED)", core=False, sampling=calls(
    ("regular", (1, 2, 2, 2, 3), {"kernel_size": (2, 1, 2), "stride": (1, 1, 1)}), ("padding", (1, 1, 2, 2, 2), {"kernel_size": 2, "stride": 1, "padding": (1, 0, 1), "count_include_pad": False}),
    ("ceil", (1, 1, 3, 2, 3), {"kernel_size": 2, "ceil_mode": True}), ("divisor", (1, 1, 2, 2, 2), {"kernel_size": (2, 2, 1), "divisor_override": 3}), ("unbatched", (2, 1, 2, 2), {"kernel_size": (1, 2, 2)}),
    regions=_VALUES,
))  # fmt: skip
operator("nn.functional.max_pool1d(input, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=OMITTED)", core=False, sampling=calls(
    ("regular", (1, 2, 5), {"kernel_size": (3,), "stride": (2,)}), ("padding", (2, 1, 4), {"kernel_size": 3, "stride": 1, "padding": 1}),
    ("dilation", (1, 1, 6), {"kernel_size": 2, "stride": 1, "dilation": 3}), ("ceil", (1, 1, 5), {"kernel_size": 2, "ceil_mode": True}), ("unbatched", (2, 4), {"kernel_size": 2}),
    ("indices", (1, 2, 6), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True, **_INDICES}), ("empty-batch", (0, 2, 3), {"kernel_size": 2}),
    ("tied", (1, 1, 6), {"kernel_size": 3, "stride": 1, "padding": 1, **_TIED}), **_PICKED,
))  # fmt: skip
operator("nn.functional.max_pool3d(input, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=OMITTED)", core=False, sampling=calls(
    ("regular", (1, 2, 2, 2, 3), {"kernel_size": (2, 1, 2), "stride": (1, 1, 1)}), ("padding", (1, 1, 2, 2, 2), {"kernel_size": 2, "stride": 1, "padding": (1, 0, 1)}),
    ("dilation", (1, 1, 3, 2, 3), {"kernel_size": 2, "stride": 1, "dilation": (2, 1, 2)}), ("ceil", (1, 1, 3, 2, 3), {"kernel_size": 2, "ceil_mode": True}),
    ("indices", (1, 1, 2, 3, 2), {"kernel_size": 2, "stride": 1, **_INDICES}), ("unbatched", (2, 1, 2, 2), {"kernel_size": (1, 2, 2)}),
    ("tied", (1, 1, 2, 2, 3), {"kernel_size": 2, "stride": 1, **_TIED}), **_PICKED,
))  # fmt: skip
operator("nn.functional.adaptive_avg_pool1d(input, *, output_size)", core=False, sampling=calls(
    ("regular", (1, 2, 5), {"output_size": 3}), ("global", (2, 1, 4), {"output_size": 1}), ("larger", (1, 1, 2), {"output_size": 5}), ("unbatched", (2, 4), {"output_size": 2}),
    ("same", (1, 1, 3), {"output_size": 3}), ("empty-batch", (0, 2, 3), {"output_size": 2}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.adaptive_avg_pool3d(input, *, output_size)", core=False, sampling=calls(
    ("regular", (1, 2, 2, 2, 3), {"output_size": (1, 2, 2)}), ("global", (1, 2, 2, 1, 2), {"output_size": 1}), ("kept", (1, 1, 2, 3, 2), {"output_size": (None, 2, 1)}),
    ("larger", (1, 1, 1, 2, 2), {"output_size": (2, 3, 2)}), ("unbatched", (2, 1, 2, 3), {"output_size": 2}), regions=_VALUES,
))  # fmt: skip
_ADAPTIVE = {
    1: (("regular", (1, 2, 5), {"output_size": 3}), ("global", (2, 1, 4), {"output_size": 1}), ("larger", (1, 1, 2), {"output_size": 5}), ("unbatched", (2, 4), {"output_size": 2}),
        ("indices", (1, 2, 5), {"output_size": 2, **_INDICES}), ("tied", (1, 1, 7), {"output_size": 3, **_TIED})),
    2: (("regular", (1, 2, 3, 4), {"output_size": (2, 3)}), ("global", (1, 2, 2, 3), {"output_size": 1}), ("kept", (1, 1, 3, 3), {"output_size": (None, 2)}),
        ("indices", (1, 1, 3, 4), {"output_size": 2, **_INDICES}), ("unbatched", (2, 3, 3), {"output_size": 2}), ("tied", (1, 1, 3, 4), {"output_size": 2, **_TIED})),
    3: (("regular", (1, 2, 2, 2, 3), {"output_size": (1, 2, 2)}), ("kept", (1, 1, 2, 2, 2), {"output_size": (None, 1, 2)}), ("indices", (1, 1, 2, 2, 3), {"output_size": (2, 1, 2), **_INDICES}),
        ("unbatched", (2, 1, 2, 3), {"output_size": 2}), ("tied", (1, 1, 2, 3, 2), {"output_size": (1, 2, 1), **_TIED})),
}  # fmt: skip
for _n, _rows in _ADAPTIVE.items():
    operator(
        f"nn.functional.adaptive_max_pool{_n}d(input, *, output_size, return_indices=OMITTED)",
        core=False,
        sampling=calls(*_rows, **_PICKED),
    )


def _places(below: int) -> dict:
    return {"choices": {"indices": Choice("apart", below)}}


_UNPOOLED = {
    1: (("regular", (1, 2, 2), (1, 2, 2), {"kernel_size": 2, **_places(4)}), ("stride", (1, 1, 3), (1, 1, 3), {"kernel_size": 3, "stride": 2, "padding": 1, **_places(5)}),
        ("output-size", (2, 1, 2), (2, 1, 2), {"kernel_size": 2, "output_size": (5,), **_places(5)}), ("unbatched", (2, 2), (2, 2), {"kernel_size": 2, **_places(4)})),
    2: (("regular", (1, 2, 2, 2), (1, 2, 2, 2), {"kernel_size": 2, **_places(16)}), ("stride", (1, 1, 2, 1), (1, 1, 2, 1), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0), **_places(6)}),
        ("output-size", (1, 1, 1, 2), (1, 1, 1, 2), {"kernel_size": 2, "output_size": (3, 5), **_places(15)}), ("unbatched", (2, 1, 2), (2, 1, 2), {"kernel_size": 2, **_places(8)})),
    3: (("regular", (1, 2, 1, 1, 2), (1, 2, 1, 1, 2), {"kernel_size": 2, **_places(16)}), ("stride", (1, 1, 1, 2, 1), (1, 1, 1, 2, 1), {"kernel_size": (1, 2, 3), "stride": (1, 1, 2), "padding": (0, 0, 1), **_places(3)}),
        ("unbatched", (1, 1, 2, 1), (1, 1, 2, 1), {"kernel_size": (2, 1, 2), **_places(8)})),
}  # fmt: skip
for _n, _rows in _UNPOOLED.items():
    operator(
        f"nn.functional.max_unpool{_n}d(input, indices, *, kernel_size, stride=None, padding=0, output_size=None)",
        core=False,
        sampling=calls(*_rows, arguments=("input", "indices"), regions=_VALUES),
    )
