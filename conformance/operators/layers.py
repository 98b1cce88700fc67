"""Layers beyond the core: transposed convolutions, bilinear forms, shuffled channels, bags of embeddings, attention, norms with moments."""

from __future__ import annotations

from conformance.operators.nearby import earlier
from conformance.operators.sampling import Choice, both, calls, each, more, per_argument, points, regions, varied
from conformance.operators.spec import operator

_PLAIN = regions(without="subnormal huge tiny integers", large=each((1e3, 1e5), (1e2, 1e3), signed=True))
_VALUES = per_argument(_PLAIN)
_WITH_WEIGHTS = {
    "arguments": ("input", "weight", "bias"),
    "regions": per_argument({k: v for k, v in _PLAIN.items() if k != "negative"}),
}
_MOVED = {"regions": per_argument({"ordinary": both(0.2, 3.0, signed=True)}), "complex": True}

operator("nn.functional.conv_transpose1d(input, weight, bias=None, *, stride=(1,), padding=(0,), output_padding=(0,), groups=1, dilation=(1,))", core=False, sampling=varied(calls(
    ("regular", (1, 2, 3), (2, 2, 2), (2,), {}), ("stride", (1, 1, 3), (1, 2, 3), None, {"stride": (2,), "padding": (1,), "output_padding": (1,)}),
    ("groups", (1, 2, 3), (2, 2, 2), (4,), {"groups": 2}), ("dilation", (2, 1, 2), (1, 1, 2), None, {"dilation": (3,), "output_padding": (2,)}), ("unbatched", (1, 3), (1, 2, 2), (2,), {}),
    ("empty-batch", (0, 1, 3), (1, 1, 2), (1,), {}), **_WITH_WEIGHTS,
), complex=True))  # fmt: skip
operator("nn.functional.conv_transpose3d(input, weight, bias=None, *, stride=(1, 1, 1), padding=(0, 0, 0), output_padding=(0, 0, 0), groups=1, dilation=(1, 1, 1))", core=False, sampling=varied(calls(
    ("regular", (1, 1, 1, 2, 2), (1, 2, 2, 1, 2), (2,), {}), ("stride", (1, 1, 2, 1, 2), (1, 1, 2, 2, 1), None, {"stride": (2, 1, 2), "padding": (1, 0, 0), "output_padding": (1, 0, 1)}),
    ("groups", (1, 2, 1, 2, 1), (2, 1, 1, 2, 2), (2,), {"groups": 2}), ("dilation", (1, 1, 1, 1, 2), (1, 1, 2, 1, 2), None, {"dilation": (2, 1, 2)}), ("unbatched", (2, 1, 2, 1), (2, 1, 1, 1, 2), None, {}), **_WITH_WEIGHTS,
), complex=True))  # fmt: skip
operator("nn.functional.bilinear(input1, input2, weight, bias=None)", core=False, sampling=calls(
    ("regular", (2, 2), (2, 3), (2, 2, 3), (2,), {}), ("no-bias", (2, 1), (2, 2), (1, 1, 2), None, {}), ("stack", (2, 1, 2), (2, 1, 1), (3, 2, 1), (3,), {}), ("vector", (2,), (3,), (2, 2, 3), (2,), {}),
    ("empty", (0, 2), (0, 1), (2, 2, 1), (2,), {}), arguments=("input1", "input2", "weight", "bias"), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.channel_shuffle(input, *, groups)", core=False, sampling=varied(calls(
    ("regular", (2, 4, 2), {"groups": 2}), ("image", (1, 6, 1, 2), {"groups": 3}), ("one", (1, 2, 2), {"groups": 1}), ("empty", (0, 4, 2), {"groups": 2}), regions=_MOVED["regions"],
), complex=True))  # fmt: skip
operator("nn.functional.pixel_shuffle(input, *, upscale_factor)", core=False, sampling=varied(calls(
    ("regular", (1, 4, 2, 3), {"upscale_factor": 2}), ("unbatched", (9, 1, 2), {"upscale_factor": 3}), ("stack", (2, 1, 4, 1, 2), {"upscale_factor": 2}), ("one", (1, 2, 2, 1), {"upscale_factor": 1}),
    ("empty", (0, 4, 1, 2), {"upscale_factor": 2}), regions=_MOVED["regions"],
), complex=True))  # fmt: skip
operator("nn.functional.pixel_unshuffle(input, *, downscale_factor)", core=False, sampling=varied(calls(
    ("regular", (1, 2, 2, 4), {"downscale_factor": 2}), ("unbatched", (1, 3, 6), {"downscale_factor": 3}), ("stack", (2, 1, 1, 2, 4), {"downscale_factor": 2}), ("one", (1, 2, 2, 1), {"downscale_factor": 1}),
    regions=_MOVED["regions"],
), complex=True))  # fmt: skip
operator("nn.functional.upsample_nearest(input, *, size=None, scale_factor=None)", core=False, sampling=calls(
    ("regular", (1, 2, 2, 3), {"size": (4, 5)}), ("factor", (1, 1, 3), {"scale_factor": 1.5}), ("cube", (1, 1, 1, 2, 2), {"size": (2, 3, 2)}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.upsample_bilinear(input, *, size=None, scale_factor=None)", core=False, sampling=calls(
    ("regular", (1, 2, 2, 3), {"size": (3, 4)}), ("factor", (1, 1, 2, 2), {"scale_factor": 2.0}), ("smaller", (1, 1, 3, 4), {"size": (2, 1)}), regions=_VALUES,
))  # fmt: skip
operator("nn.functional.local_response_norm(input, *, size, alpha=0.0001, beta=0.75, k=1.0)", core=False, sampling=calls(
    ("regular", (2, 3, 2), {"size": 2}), ("strong", (1, 4, 2), {"size": 3, "alpha": 1.5, "beta": 0.5, "k": 2.0}), ("image", (1, 3, 2, 2), {"size": 5, "alpha": 0.25}), ("volume", (1, 2, 1, 2, 2), {"size": 2, "alpha": 0.5, "beta": 2.0}),
    ("one", (1, 2, 3), {"size": 1, "beta": 1.0}), ("empty", (0, 2, 3), {"size": 2}), regions=per_argument(regions(without="subnormal huge tiny integers", large=both(20.0, 90.0, signed=True))),
))  # fmt: skip
operator("nn.functional.embedding_bag(input, weight, *, offsets=None, scale_grad_by_freq=False, mode='mean', per_sample_weights=None, include_last_offset=False, padding_idx=OMITTED)", core=False, sampling=varied(more(more(calls(
    ("regular", (2, 3), (4, 2), {}), *((mode, (2, 4), (3, 2), {"mode": mode}) for mode in ("sum", "max")),
    *((f"padding-{mode}", (3, 4), (3, 2), {"mode": mode, "padding_idx": pad}) for mode, pad in (("sum", 0), ("mean", 1), ("max", -1))),
    *((f"frequency-{mode}", (3, 3), (4, 2), {"mode": mode, "scale_grad_by_freq": True}) for mode in ("sum", "mean")),
    ("tied", (2, 4), (3, 2), {"mode": "max", "smooth": False, "ranges": {"weight": points(1.5)}, "choices": {"input": Choice("given", values=(0, 0, 1, 2, 1, 2, 2, 2))}}), ("empty-bags", (0, 3), (3, 2), {"mode": "sum"}),
    arguments=("input", "weight"), choices={"input": Choice("index", 3)}, beside={"weight": earlier}, regions=per_argument({k: v for k, v in _PLAIN.items() if k != "negative"}),
), *((f"offsets-{mode}", (6,), (3, 2), (4,), {"mode": mode, "choices": {"input": Choice("index", 3), "offsets": Choice("given", values=(0, 2, 2, 5))}}) for mode in ("sum", "mean", "max")),
    ("last-offset", (5,), (3, 2), (4,), {"include_last_offset": True, "choices": {"input": Choice("index", 3), "offsets": Choice("given", values=(0, 3, 3, 5))}}),
    ("last-offset-before-the-end", (5,), (3, 2), (3,), {"include_last_offset": True, "mode": "sum", "choices": {"input": Choice("index", 3), "offsets": Choice("given", values=(0, 2, 4))}}),
    arguments=("input", "weight", "offsets"),
), ("weighted", (2, 3), (4, 2), (2, 3), {"mode": "sum"}), ("weighted-padding", (3, 3), (3, 2), (3, 3), {"mode": "sum", "padding_idx": 1}), arguments=("input", "weight", "per_sample_weights")), smooth=False, forward=False))  # fmt: skip
_HEADS = ("query", "key", "value", "in_proj_weight", "in_proj_bias", "out_proj_weight", "out_proj_bias")
_FIXED = {"embed_dim_to_check": 2, "num_heads": 2, "outputs": 2}
operator(
    "nn.functional.multi_head_attention_forward(query, key, value, *, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k=None, bias_v=None, add_zero_attn=False, dropout_p=0.0, "
    "out_proj_weight, out_proj_bias, training=True, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True)",
    outputs=2, core=False, sampling=more(more(calls(
        ("regular", (2, 1, 2), (3, 1, 2), (3, 1, 2), (6, 2), (6,), (2, 2), (2,), _FIXED), ("one-head", (1, 2, 2), (2, 2, 2), (2, 2, 2), (6, 2), None, (2, 2), None, {**_FIXED, "num_heads": 1}),
        ("unbatched", (2, 2), (2, 2), (2, 2), (6, 2), (6,), (2, 2), (2,), {**_FIXED, "average_attn_weights": False}), ("zero", (1, 1, 2), (2, 1, 2), (2, 1, 2), (6, 2), None, (2, 2), (2,), {**_FIXED, "add_zero_attn": True}),
        ("no-weights", (2, 1, 2), (2, 1, 2), (2, 1, 2), (6, 2), (6,), (2, 2), (2,), {**_FIXED, "need_weights": False, "outputs": 1}),
        arguments=_HEADS, regions=per_argument({"ordinary": both(0.2, 1.5, signed=True)}),
    ), ("mask", (2, 1, 2), (2, 1, 2), (2, 1, 2), (6, 2), (6,), (2, 2), (2,), (2, 2), {**_FIXED}), arguments=(*_HEADS, "attn_mask")),
        ("extra-key", (1, 1, 2), (2, 1, 2), (2, 1, 2), (6, 2), (6,), (2, 2), (2,), (1, 1, 2), (1, 1, 2), {**_FIXED}), arguments=(*_HEADS, "bias_k", "bias_v")),
)  # fmt: skip
_NORMED = {
    "arguments": ("input", "weight", "bias"),
    "floating_outputs": (0,),
    "regions": per_argument({"ordinary": both(-2.0, 2.0), "offset": both(10.0, 14.0)}),
}
operator("native_layer_norm(input, *, normalized_shape, weight, bias, eps=1e-05)", outputs=3, core=False, sampling=varied(calls(
    ("regular", (2, 3), (3,), (3,), {"normalized_shape": (3,)}), ("several", (2, 2, 2), (2, 2), (2, 2), {"normalized_shape": (2, 2), "eps": 0.01}), ("no-weight", (2, 3), None, None, {"normalized_shape": (3,)}), **_NORMED,
), forward=False))  # fmt: skip
operator("native_group_norm(input, *, weight, bias, N, C, HxW, group, eps=1e-05)", outputs=3, core=False, sampling=varied(calls(
    ("regular", (2, 4, 2), (4,), (4,), {"N": 2, "C": 4, "HxW": 2, "group": 2}), ("no-weight", (1, 2, 3), None, None, {"N": 1, "C": 2, "HxW": 3, "group": 1, "eps": 0.1}), **_NORMED,
), layouts=False))  # fmt: skip
_RUNNING = {"choices": {"running_mean": Choice("real"), "running_var": Choice("real")}}
operator("native_batch_norm(input, *, weight, bias, running_mean=None, running_var=None, training, momentum=0.1, eps=1e-05)", outputs=3, core=False, sampling=more(calls(
    ("regular", (3, 2), (2,), (2,), {"training": True}), ("image", (2, 2, 2), (2,), (2,), {"training": True, "eps": 0.1}), ("no-weight", (3, 2), None, None, {"training": True}), **_NORMED,
), ("running", (3, 2), (2,), (2,), (2,), (2,), {"training": False, **_RUNNING}), arguments=("input", "weight", "bias", "running_mean", "running_var")))  # fmt: skip
