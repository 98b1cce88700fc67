"""Normalisation, convolution, pooling and attention."""

from __future__ import annotations

from conformance.operators.sampling import both, calls, each, per_argument, regions
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="subnormal huge tiny integers", large=each((1e3, 1e5), (1e2, 1e3), signed=True)))
_WITH_WEIGHTS = {"arguments": ("input", "weight", "bias"), "regions": _VALUES}
_NORM = {
    "arguments": ("input", "weight", "bias"),
    "regions": per_argument({"ordinary": both(-2.0, 2.0), "negative": both(-3.0, -0.5), "offset": both(10.0, 14.0)}),
}

operator("nn.functional.linear(input, weight, bias=None)", sampling=calls(
    ("regular", (2, 3), (2, 3), (2,), {}), ("no-bias", (2, 3), (4, 3), None, {}), ("vector", (3,), (2, 3), (2,), {}), ("stack", (2, 2, 3), (1, 3), (1,), {}),
    ("empty", (0, 3), (2, 3), (2,), {}), **_WITH_WEIGHTS,
))  # fmt: skip
operator("nn.functional.layer_norm(input, *, normalized_shape, weight=None, bias=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4), (4,), (4,), {"normalized_shape": (4,)}), ("no-weight", (2, 4), None, None, {"normalized_shape": (4,)}),
    ("several", (2, 2, 3), (2, 3), (2, 3), {"normalized_shape": (2, 3), "eps": 0.01}), **_NORM,
))  # fmt: skip
operator("nn.functional.rms_norm(input, *, normalized_shape, weight=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4), (4,), {"normalized_shape": (4,)}), ("no-weight", (2, 4), None, {"normalized_shape": (4,)}),
    arguments=("input", "weight"), regions=_NORM["regions"],
))  # fmt: skip
operator("nn.functional.group_norm(input, *, num_groups, weight=None, bias=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4, 2), (4,), (4,), {"num_groups": 2}), ("no-weight", (1, 2, 3), None, None, {"num_groups": 1}), **_NORM,
))  # fmt: skip
operator("nn.functional.instance_norm(input, *, weight=None, bias=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 2, 4), (2,), (2,), {}), ("no-weight", (1, 2, 4), None, None, {}), **_NORM,
))  # fmt: skip
operator(
    "nn.functional.batch_norm(input, *, running_mean=None, running_var=None, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05)",
    sampling=calls(
        ("regular", (4, 2), (2,), (2,), {"training": True}), ("no-weight", (3, 2), None, None, {"training": True}),
        ("image", (2, 2, 2), (2,), (2,), {"training": True}), **_NORM,
    ),
)  # fmt: skip
_CONVOLUTION = {
    1: (("regular", (1, 2, 5), (2, 2, 3), (2,), {}), ("stride", (1, 1, 6), (2, 1, 2), None, {"stride": (2,), "padding": (1,)}),
        ("groups", (1, 2, 4), (2, 1, 2), (2,), {"groups": 2}), ("dilation", (1, 1, 6), (1, 1, 2), None, {"dilation": (3,)})),
    2: (("regular", (1, 2, 3, 3), (2, 2, 2, 2), (2,), {}), ("stride", (1, 1, 4, 3), (1, 1, 2, 2), None, {"stride": (2, 1), "padding": (1, 0)}),
        ("groups", (1, 2, 2, 3), (2, 1, 2, 2), (2,), {"groups": 2}), ("batch", (2, 1, 2, 2), (1, 1, 2, 2), (1,), {"padding": (1, 1)})),
    3: (("regular", (1, 1, 2, 2, 3), (1, 1, 2, 1, 2), (1,), {}),),
}  # fmt: skip
for _n, _rows in _CONVOLUTION.items():
    operator(
        f"nn.functional.conv{_n}d(input, weight, bias=None, *, stride={(1,) * _n}, padding={(0,) * _n}, dilation={(1,) * _n}, groups=1)",
        sampling=calls(*_rows, **_WITH_WEIGHTS),
    )
operator(
    "nn.functional.conv_transpose2d(input, weight, bias=None, *, stride=(1, 1), padding=(0, 0), output_padding=(0, 0), groups=1, dilation=(1, 1))",
    sampling=calls(
        ("regular", (1, 2, 2, 2), (2, 1, 2, 2), (1,), {}), ("stride", (1, 1, 2, 2), (1, 2, 2, 2), None, {"stride": (2, 2), "padding": (1, 0)}),
        **_WITH_WEIGHTS,
    ),
)  # fmt: skip
operator("nn.functional.avg_pool2d(input, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}),
    ("overlapping", (1, 1, 3, 3), {"kernel_size": (2, 2), "stride": (1, 1), "padding": (1, 1), "count_include_pad": False}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.max_pool2d(input, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}),
    ("overlapping", (1, 1, 3, 3), {"kernel_size": (2, 2), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.adaptive_avg_pool2d(input, *, output_size)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"output_size": (2, 2)}), ("uneven", (1, 1, 3, 5), {"output_size": (2, 3)}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.interpolate(input, *, size=None, scale_factor=None, mode='nearest', align_corners=None)", sampling=calls(
    ("regular", (1, 1, 2, 3), {"size": (4, 6)}), ("linear", (1, 1, 3), {"size": (5,), "mode": "linear", "align_corners": False}),
    ("bilinear", (1, 1, 2, 2), {"size": (3, 3), "mode": "bilinear", "align_corners": True}), regions=_VALUES,
))  # fmt: skip
operator(
    "nn.functional.scaled_dot_product_attention(query, key, value, *, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None)",
    sampling=calls(
        ("regular", (1, 2, 3), (1, 3, 3), (1, 3, 2), {}), ("causal", (1, 2, 2), (1, 2, 2), (1, 2, 2), {"is_causal": True}),
        ("scale", (1, 2, 2), (1, 2, 2), (1, 2, 2), {"scale": 0.5}), arguments=("query", "key", "value"), regions=_VALUES,
    ),
)  # fmt: skip
operator("nn.functional.unfold(input, *, kernel_size, dilation=1, padding=0, stride=1)", sampling=calls(
    ("regular", (1, 1, 3, 3), {"kernel_size": (2, 2), "dilation": (1, 1), "padding": (0, 0), "stride": (1, 1)}), regions=_VALUES,
))  # fmt: skip
