"""Normalisation, convolution, pooling and attention."""

from __future__ import annotations

from conformance.operators.sampling import Choice, both, calls, each, more, per_argument, regions, rows, varied
from conformance.operators.spec import operator

_VALUES = per_argument(regions(without="subnormal huge tiny integers", large=each((1e3, 1e5), (1e2, 1e3), signed=True)))
_WITH_WEIGHTS = {"arguments": ("input", "weight", "bias"), "regions": _VALUES}
_NORM = {
    "arguments": ("input", "weight", "bias"),
    "regions": per_argument(
        {
            "ordinary": both(-2.0, 2.0),
            "negative": both(-3.0, -0.5),
            "offset": both(10.0, 14.0),
            "constant": rows(-2.0, 2.0),
        }
    ),
}

operator("nn.functional.linear(input, weight, bias=None)", sampling=calls(
    ("regular", (2, 3), (2, 3), (2,), {}), ("no-bias", (2, 3), (4, 3), None, {}), ("vector", (3,), (2, 3), (2,), {}), ("stack", (2, 2, 3), (1, 3), (1,), {}),
    ("empty", (0, 3), (2, 3), (2,), {}), ("empty-inner", (2, 0), (3, 0), (3,), {}), ("blocked", (2, 35), (3, 35), (3,), {}), **_WITH_WEIGHTS,
))  # fmt: skip
operator("nn.functional.layer_norm(input, *, normalized_shape, weight=None, bias=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4), (4,), (4,), {"normalized_shape": (4,)}), ("no-weight", (2, 4), None, None, {"normalized_shape": (4,)}),
    ("several", (2, 2, 3), (2, 3), (2, 3), {"normalized_shape": (2, 3), "eps": 0.01}), ("no-bias", (2, 4), (4,), None, {"normalized_shape": (4,)}),
    ("blocked", (2, 33), (33,), (33,), {"normalized_shape": (33,)}), ("empty", (0, 4), (4,), (4,), {"normalized_shape": (4,)}), **_NORM,
))  # fmt: skip
operator("nn.functional.rms_norm(input, *, normalized_shape, weight=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4), (4,), {"normalized_shape": (4,)}), ("no-weight", (2, 4), None, {"normalized_shape": (4,)}),
    ("several", (2, 2, 3), (2, 3), {"normalized_shape": (2, 3), "eps": 0.01}), ("blocked", (2, 33), (33,), {"normalized_shape": (33,)}),
    arguments=("input", "weight"), regions=_NORM["regions"],
))  # fmt: skip
operator("nn.functional.group_norm(input, *, num_groups, weight=None, bias=None, eps=1e-05)", sampling=calls(
    ("regular", (2, 4, 2), (4,), (4,), {"num_groups": 2}), ("no-weight", (1, 2, 3), None, None, {"num_groups": 1}),
    ("each-channel", (1, 2, 4), (2,), (2,), {"num_groups": 2, "eps": 0.1}), ("image", (2, 2, 2, 2), (2,), (2,), {"num_groups": 1}), ("no-bias", (1, 4, 2), (4,), None, {"num_groups": 2}), **_NORM,
))  # fmt: skip
_RUNNING = {"choices": {"running_mean": Choice("real"), "running_var": Choice("real")}}
_ALL = ("input", "running_mean", "running_var", "weight", "bias")
operator("nn.functional.instance_norm(input, *, running_mean=OMITTED, running_var=OMITTED, weight=None, bias=None, use_input_stats=OMITTED, eps=1e-05)", sampling=more(calls(
    ("regular", (2, 2, 4), (2,), (2,), {}), ("no-weight", (1, 2, 4), None, None, {}), ("image", (1, 2, 2, 2), (2,), (2,), {"eps": 0.1}), **_NORM,
), ("running", (2, 2, 3), (2,), (2,), (2,), (2,), {"use_input_stats": False, **_RUNNING}), arguments=_ALL))  # fmt: skip
operator(
    "nn.functional.batch_norm(input, *, running_mean=None, running_var=None, weight=None, bias=None, training=False, momentum=0.1, eps=1e-05)",
    sampling=more(calls(
        ("regular", (4, 2), (2,), (2,), {"training": True}), ("no-weight", (3, 2), None, None, {"training": True}),
        ("image", (2, 2, 2), (2,), (2,), {"training": True}), ("no-bias", (4, 2), (2,), None, {"training": True, "eps": 0.1}), **_NORM,
    ), ("running", (3, 2), (2,), (2,), (2,), (2,), {"training": False, **_RUNNING}), ("running", (2, 2, 2), (2,), (2,), None, None, {"eps": 0.5, **_RUNNING}),
        arguments=_ALL,
    ),
)  # fmt: skip
_CONVOLUTION = {
    1: (("regular", (1, 2, 5), (2, 2, 3), (2,), {}), ("stride", (1, 1, 6), (2, 1, 2), None, {"stride": (2,), "padding": (1,)}),
        ("groups", (1, 2, 4), (2, 1, 2), (2,), {"groups": 2}), ("dilation", (1, 1, 6), (1, 1, 2), None, {"dilation": (3,)}),
        ("same", (1, 1, 5), (1, 1, 3), None, {"padding": "same", "dilation": (2,)}), ("valid", (1, 1, 4), (1, 1, 2), (1,), {"padding": "valid", "stride": (2,)}), ("unbatched", (2, 4), (1, 2, 2), (1,), {}),
        ("depthwise", (1, 3, 3), (3, 1, 2), None, {"groups": 3}), ("empty-batch", (0, 1, 3), (1, 1, 2), (1,), {})),
    2: (("regular", (1, 2, 3, 3), (2, 2, 2, 2), (2,), {}), ("stride", (1, 1, 4, 3), (1, 1, 2, 2), None, {"stride": (2, 1), "padding": (1, 0)}),
        ("groups", (1, 2, 2, 3), (2, 1, 2, 2), (2,), {"groups": 2}), ("batch", (2, 1, 2, 2), (1, 1, 2, 2), (1,), {"padding": (1, 1)}),
        ("dilation", (1, 1, 4, 4), (1, 1, 2, 2), None, {"dilation": (2, 3), "padding": (0, 1)}), ("same", (1, 1, 3, 3), (1, 1, 2, 3), None, {"padding": "same"}), ("unbatched", (1, 3, 3), (1, 1, 2, 2), None, {}),
        ("one-by-one", (1, 2, 2, 2), (3, 2, 1, 1), (3,), {}), ("all", (1, 2, 5, 4), (2, 1, 2, 2), (2,), {"stride": (2, 1), "padding": (1, 0), "dilation": (2, 1), "groups": 2})),
    3: (("regular", (1, 1, 2, 2, 3), (1, 1, 2, 1, 2), (1,), {}), ("stride", (1, 1, 3, 2, 3), (1, 1, 2, 2, 2), None, {"stride": (2, 1, 1), "padding": (1, 0, 1)}),
        ("dilation", (1, 1, 3, 1, 3), (1, 1, 2, 1, 2), None, {"dilation": (2, 1, 2)}), ("groups", (1, 2, 2, 1, 2), (2, 1, 2, 1, 1), (2,), {"groups": 2}), ("same", (1, 1, 2, 1, 3), (1, 1, 2, 1, 2), None, {"padding": "same"})),
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
        ("output-padding", (1, 1, 2, 2), (1, 1, 2, 2), None, {"stride": (2, 3), "output_padding": (1, 2)}), ("dilation", (1, 1, 2, 2), (1, 1, 2, 2), (1,), {"dilation": (2, 1)}),
        ("groups", (1, 2, 2, 2), (2, 2, 2, 1), (4,), {"groups": 2}), ("unbatched", (1, 2, 2), (1, 1, 2, 2), None, {}), **_WITH_WEIGHTS,
    ),
)  # fmt: skip
operator("nn.functional.avg_pool2d(input, *, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=OMITTED)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0)}),
    ("overlapping", (1, 1, 3, 3), {"kernel_size": (2, 2), "stride": (1, 1), "padding": (1, 1), "count_include_pad": False}),
    ("ceil", (1, 1, 4, 5), {"kernel_size": (2, 3), "stride": (3, 2), "padding": (0, 1), "ceil_mode": True}), ("divisor", (1, 1, 3, 3), {"kernel_size": (2, 2), "stride": (1, 2), "divisor_override": 3}),
    ("default-stride", (1, 2, 2, 4), {"kernel_size": 2}), ("ceil-uncounted", (1, 1, 4, 4), {"kernel_size": (3, 3), "stride": (2, 2), "padding": (1, 1), "ceil_mode": True, "count_include_pad": False}),
    ("unbatched", (1, 3, 3), {"kernel_size": 2, "stride": 1}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.max_pool2d(input, *, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"kernel_size": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}),
    ("overlapping", (1, 1, 3, 3), {"kernel_size": (2, 2), "stride": (1, 1), "padding": (0, 0), "dilation": (1, 1)}),
    ("padding", (1, 1, 3, 3), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 1)}), ("dilation", (1, 1, 4, 4), {"kernel_size": (2, 2), "stride": (1, 2), "dilation": (3, 2)}),
    ("ceil", (1, 1, 4, 5), {"kernel_size": (2, 2), "stride": (3, 2), "ceil_mode": True}), ("default-stride", (1, 2, 2, 4), {"kernel_size": 2}), ("unbatched", (1, 3, 3), {"kernel_size": 2, "stride": 1}),
    regions=_VALUES,
))  # fmt: skip
operator("nn.functional.adaptive_avg_pool2d(input, *, output_size)", sampling=calls(
    ("regular", (1, 1, 4, 4), {"output_size": (2, 2)}), ("uneven", (1, 1, 3, 5), {"output_size": (2, 3)}), ("global", (2, 1, 3, 2), {"output_size": 1}),
    ("kept", (1, 1, 3, 4), {"output_size": (None, 2)}), ("channels", (1, 2, 3, 4), {"output_size": (2, 3)}), ("larger", (1, 1, 2, 2), {"output_size": (3, 4)}), ("unbatched", (1, 3, 3), {"output_size": 2}), regions=_VALUES,
))  # fmt: skip
_RESIZED = (
    ("linear-corners", (1, 1, 4), {"size": (6,), "mode": "linear", "align_corners": True}), ("linear-smaller", (1, 1, 5), {"size": (2,), "mode": "linear", "align_corners": False}),
    ("bilinear-centers", (1, 1, 2, 3), {"size": (3, 2), "mode": "bilinear", "align_corners": False}), ("bilinear-channels", (1, 2, 2, 3), {"size": (3, 2), "mode": "bilinear", "align_corners": False}),
    ("bilinear-factor", (1, 1, 2, 3), {"scale_factor": (1.5, 2.0), "mode": "bilinear", "align_corners": False}),
    ("bicubic", (1, 1, 3, 3), {"size": (4, 2), "mode": "bicubic", "align_corners": False}), ("bicubic-corners", (1, 1, 2, 3), {"size": (3, 4), "mode": "bicubic", "align_corners": True}),
    ("trilinear", (1, 1, 2, 2, 2), {"size": (3, 2, 1), "mode": "trilinear", "align_corners": False}), ("trilinear-corners", (1, 1, 2, 1, 2), {"size": (3, 2, 3), "mode": "trilinear", "align_corners": True}),
    ("area", (1, 1, 3, 4), {"size": (2, 3), "mode": "area"}), ("nearest-exact", (1, 1, 3, 2), {"size": (5, 4), "mode": "nearest-exact"}),
    ("nearest-smaller", (1, 2, 5), {"size": (3,)}), ("nearest-factor", (1, 1, 2, 2), {"scale_factor": (2.0, 1.5)}),
    ("antialias", (1, 1, 4, 4), {"size": (2, 3), "mode": "bilinear", "align_corners": False, "antialias": True}),
)  # fmt: skip
operator("nn.functional.interpolate(input, *, size=None, scale_factor=None, mode='nearest', align_corners=None, recompute_scale_factor=OMITTED, antialias=OMITTED)", sampling=calls(
    ("regular", (1, 1, 2, 3), {"size": (4, 6)}), ("linear", (1, 1, 3), {"size": (5,), "mode": "linear", "align_corners": False}),
    ("bilinear", (1, 1, 2, 2), {"size": (3, 3), "mode": "bilinear", "align_corners": True}),
    *_RESIZED, regions=_VALUES,
))  # fmt: skip
_MASKED = ("query", "key", "value", "attn_mask")
operator(
    "nn.functional.scaled_dot_product_attention(query, key, value, *, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=OMITTED)",
    sampling=varied(more(more(calls(
        ("regular", (1, 2, 3), (1, 3, 3), (1, 3, 2), {}), ("causal", (1, 2, 2), (1, 2, 2), (1, 2, 2), {"is_causal": True}),
        ("scale", (1, 2, 2), (1, 2, 2), (1, 2, 2), {"scale": 0.5}), ("heads", (1, 2, 2, 2), (1, 2, 3, 2), (1, 2, 3, 1), {}),
        ("grouped", (1, 2, 2, 2), (1, 1, 2, 2), (1, 1, 2, 2), {"enable_gqa": True}), ("matrix", (2, 2), (3, 2), (3, 2), {}),
        arguments=("query", "key", "value"), regions=_VALUES,
    ), ("mask", (1, 2, 2), (1, 3, 2), (1, 3, 2), (2, 3), {"choices": {"attn_mask": Choice("ends")}}), arguments=_MASKED),
        ("bias", (1, 2, 2), (1, 3, 2), (1, 3, 2), (2, 3), {}), arguments=_MASKED,
    ), forward=False),
)  # fmt: skip
operator("nn.functional.unfold(input, *, kernel_size, dilation=1, padding=0, stride=1)", sampling=calls(
    ("regular", (1, 1, 3, 3), {"kernel_size": (2, 2), "dilation": (1, 1), "padding": (0, 0), "stride": (1, 1)}),
    ("stride", (1, 1, 3, 4), {"kernel_size": (2, 2), "stride": (1, 2), "padding": (1, 0)}), ("dilation", (1, 1, 4, 3), {"kernel_size": (2, 2), "dilation": (3, 2)}),
    ("unbatched", (1, 2, 3), {"kernel_size": 2}), regions=_VALUES,
))  # fmt: skip
