"""Where derivatives vanish identically, so that reverse mode leaves no graph to differentiate again.

A gradient that is the same everywhere has none; PyTorch and refgrad then raise, and there is nothing to compare. Forward
mode gives zeros there, and is asked all the same.
"""

from __future__ import annotations

from conformance.operators.sampling import INF, Call

FLAT = frozenset("angle ceil fill floor round sgn sign trunc".split())
"""Operators whose gradient is zero wherever it exists."""
SIGNED = frozenset({"copysign"})
"""Those whose gradient is a sign, which is flat in turn."""
LINEAR = frozenset(
    """
    H T abs add addcdiv addcmul addmm addmv addr amax amin angle as_strided baddbmm broadcast_to cat chunk clamp clone
    complex conj contiguous copysign cummax cummin cumsum deg2rad diag diag_embed diagonal diagonal_scatter expand fft.fft
    fft.fft2 fft.fftn fft.ifft fft.irfft fft.rfft flatten flip fmax fmin fmod frac gather getitem hstack index_add
    index_copy index_put index_select kthvalue mH mT masked_fill masked_select max maximum mean median min minimum mode
    movedim nan_to_num nanmedian narrow neg nn.functional.adaptive_avg_pool2d nn.functional.avg_pool2d
    nn.functional.batch_norm nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d nn.functional.conv_transpose2d
    nn.functional.embedding nn.functional.group_norm nn.functional.hardshrink nn.functional.hardtanh
    nn.functional.instance_norm nn.functional.interpolate nn.functional.l1_loss nn.functional.layer_norm
    nn.functional.leaky_relu nn.functional.linear nn.functional.max_pool2d nn.functional.nll_loss nn.functional.pad
    nn.functional.relu nn.functional.relu6 nn.functional.softshrink nn.functional.threshold nn.functional.unfold permute
    positive rad2deg ravel real remainder repeat repeat_interleave reshape roll rsub scatter scatter_add select
    select_scatter slice_scatter sort split squeeze stack sub sum t take_along_dim tile topk trace transpose tril triu
    unbind unfold unsqueeze view view_as_complex vstack where
    """.split()
)
"""Those that are linear piece by piece in one of their arguments at least: its third gradient has no graph."""
_NORMS = (1, INF, -INF)  # the orders of norms that are linear piece by piece


def without_graph(name: str, call: Call) -> frozenset[str]:
    """The directions of higher order in which a call leaves nothing to differentiate.

    >>> sorted(without_graph("floor", Call({}))), sorted(without_graph("sum", Call({})))
    (['rf', 'rr', 'rrr'], ['rrr'])
    """
    if name in FLAT or call.attributes.get("rounding_mode"):
        return frozenset({"rr", "rf", "rrr"})
    if name in SIGNED:
        return frozenset({"rr", "rrr"})
    linear = name in LINEAR or call.attributes.get("ord", 2) in _NORMS or call.attributes.get("p", 2) in _NORMS
    return frozenset({"rrr"}) if linear else frozenset()
