"""Where derivatives vanish identically, so that reverse mode leaves no graph to differentiate again.

A gradient that is the same everywhere has none; PyTorch and refgrad then raise, and there is nothing to compare. Forward
mode gives zeros there, and is asked all the same.
"""

from __future__ import annotations

from conformance.operators.sampling import INF, Call

FLAT = frozenset("angle ceil fill floor round sgn sign trunc zero_".split())
"""Operators whose gradient is zero wherever it exists."""
SIGNED = frozenset({"copysign"})
"""Those whose gradient is a sign, which is flat in turn."""
LINEAR = frozenset(
    """
    H T abs add addcdiv addcmul addmm addmv addr amax amin angle as_strided baddbmm broadcast_to cat chunk clamp clone
    complex conj contiguous copysign cummax cummin cumsum deg2rad diag diag_embed diagonal diagonal_scatter expand
    fft.fft fft.fft2 fft.fftn fft.fftshift fft.hfft fft.hfft2 fft.hfftn fft.ifft fft.ifft2 fft.ifftn fft.ifftshift
    fft.ihfft fft.ihfft2 fft.ihfftn fft.irfft fft.irfft2 fft.irfftn fft.rfft fft.rfft2 fft.rfftn flatten flip fmax fmin
    fmod frac gather getitem hstack index_add index_copy index_put index_select kthvalue lu_unpack mH mT masked.amax masked.amin
    masked.cumsum masked.mean masked.median masked.sum masked_fill masked_select max maximum mean median min minimum
    mode movedim nan_to_num nanmedian narrow neg nn.functional.adaptive_avg_pool2d nn.functional.avg_pool2d
    nn.functional.batch_norm nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d
    nn.functional.conv_transpose2d nn.functional.embedding nn.functional.group_norm nn.functional.hardshrink
    nn.functional.hardtanh nn.functional.instance_norm nn.functional.interpolate nn.functional.l1_loss
    nn.functional.layer_norm nn.functional.leaky_relu nn.functional.linear nn.functional.max_pool2d
    nn.functional.nll_loss nn.functional.pad nn.functional.relu nn.functional.relu6 nn.functional.softshrink
    nn.functional.threshold nn.functional.unfold permute positive rad2deg ravel real remainder repeat repeat_interleave
    reshape roll rsub scatter scatter_add select select_scatter slice_scatter sort split squeeze stack sub sum t
    take_along_dim tile topk trace transpose tril triu unbind unfold unsqueeze view view_as_complex vstack where
    nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool3d nn.functional.adaptive_max_pool1d
    nn.functional.adaptive_max_pool2d nn.functional.adaptive_max_pool3d nn.functional.avg_pool1d nn.functional.avg_pool3d
    nn.functional.max_pool1d nn.functional.max_pool3d nn.functional.max_unpool1d nn.functional.max_unpool2d
    nn.functional.max_unpool3d nn.functional.conv_transpose1d nn.functional.conv_transpose3d nn.functional.channel_shuffle
    nn.functional.pixel_shuffle nn.functional.pixel_unshuffle nn.functional.upsample_bilinear nn.functional.upsample_nearest
    nn.functional.bilinear nn.functional.embedding_bag native_batch_norm native_group_norm native_layer_norm
    nn.functional.multi_margin_loss nn.functional.multilabel_margin_loss nn.functional.margin_ranking_loss
    nn.functional.hinge_embedding_loss nn.functional.multi_head_attention_forward
    addbmm aminmax cross cumulative_trapezoid diff gradient index_fill index_reduce masked_scatter msort nanmean nanquantile nansum
    put quantile scatter_reduce take trapezoid trapz linalg.cross
    __radd__ __rmod__ __rsub__ alias_copy as_strided_copy as_strided_scatter atleast_1d atleast_2d atleast_3d block_diag
    broadcast_tensors cartesian_prod clamp_max clamp_min column_stack combinations conj_physical constant_pad_nd diagflat
    diagonal_copy dsplit dstack expand_as expand_copy fliplr flipud frexp hsplit linalg.diagonal meshgrid narrow_copy
    permute_copy reshape_as resolve_conj resolve_neg rot90 slice split_with_sizes split_with_sizes_copy squeeze_copy sum_to_size
    t_copy tensor_split transpose_copy unbind_copy unflatten unfold_copy unsafe_chunk unsafe_split unsqueeze_copy view_as
    view_copy vsplit
    """.split()
)
"""Those that are linear piece by piece in one of their arguments at least: its third gradient has no graph."""
COUNTS_AT_ZERO = frozenset({"dist", "nn.functional.pairwise_distance"})
"""Those that count what differs where the order of their norm is 0."""
_NORMS = (1, INF, -INF)  # the orders of norms that are linear piece by piece


def without_graph(name: str, call: Call) -> frozenset[str]:
    """The directions of higher order in which a call leaves nothing to differentiate.

    >>> sorted(without_graph("floor", Call({}))), sorted(without_graph("sum", Call({})))
    (['rf', 'rr', 'rrr'], ['rrr'])
    """
    if name in FLAT or call.attributes.get("rounding_mode"):
        return frozenset({"rr", "rf", "rrr"})
    if name in COUNTS_AT_ZERO and call.attributes.get("p", 2) == 0:
        return frozenset({"rr", "rf", "rrr"})
    if name in SIGNED:
        return frozenset({"rr", "rrr"})
    linear = name in LINEAR or call.attributes.get("ord", 2) in _NORMS or call.attributes.get("p", 2) in _NORMS
    return frozenset({"rrr"}) if linear else frozenset()
