"""What the results of operators look like in their first call, as far as cotangents can lie in memory in more than one way."""

from __future__ import annotations

NOT_TRANSPOSED = frozenset(
    """
    view_as_complex sum mean prod amax amin max min median mode nanmedian norm linalg.vector_norm logsumexp var var_mean std std_mean
    view ravel diagonal select trace unbind getitem masked_select kthvalue mv dot addmv linalg.det linalg.slogdet linalg.matrix_norm
    linalg.norm linalg.eig linalg.eigvals linalg.eigvalsh linalg.svdvals linalg.cond linalg.tensorsolve logdet nn.functional.mse_loss nn.functional.l1_loss nn.functional.smooth_l1_loss nn.functional.huber_loss
    nn.functional.kl_div nn.functional.binary_cross_entropy nn.functional.binary_cross_entropy_with_logits
    nn.functional.soft_margin_loss nn.functional.poisson_nll_loss nn.functional.cross_entropy nn.functional.nll_loss
    nn.functional.cosine_similarity
    aminmax dist gradient linalg.vecdot nanmean nanquantile nansum nn.functional.pairwise_distance nn.functional.pdist quantile take
    trapezoid trapz vdot
    nn.functional.margin_ranking_loss nn.functional.hinge_embedding_loss nn.functional.cosine_embedding_loss nn.functional.triplet_margin_loss
    nn.functional.triplet_margin_with_distance_loss nn.functional.multi_margin_loss nn.functional.multilabel_margin_loss
    nn.functional.multilabel_soft_margin_loss nn.functional.gaussian_nll_loss nn.functional.ctc_loss
    masked.sum masked.mean masked.prod masked.amax masked.amin masked.median masked.logsumexp masked.var masked.std masked.norm
    """.split()
)
"""Operators whose results have fewer than two dimensions: their cotangents cannot be transposed."""
NOT_EXPANDED = frozenset(
    """
    norm trace movedim dot logdet linalg.cond linalg.eigvals linalg.det linalg.slogdet linalg.matrix_norm linalg.norm nn.functional.mse_loss nn.functional.l1_loss
    nn.functional.smooth_l1_loss nn.functional.huber_loss nn.functional.kl_div nn.functional.binary_cross_entropy
    nn.functional.binary_cross_entropy_with_logits nn.functional.soft_margin_loss nn.functional.poisson_nll_loss
    nn.functional.cross_entropy nn.functional.nll_loss nn.functional.conv1d nn.functional.conv2d nn.functional.conv3d
    nn.functional.conv_transpose2d nn.functional.avg_pool2d nn.functional.max_pool2d nn.functional.adaptive_avg_pool2d
    nn.functional.interpolate nn.functional.scaled_dot_product_attention nn.functional.unfold
    dist vdot
    nn.functional.margin_ranking_loss nn.functional.hinge_embedding_loss nn.functional.cosine_embedding_loss nn.functional.triplet_margin_loss
    nn.functional.triplet_margin_with_distance_loss nn.functional.multi_margin_loss nn.functional.multilabel_margin_loss
    nn.functional.multilabel_soft_margin_loss nn.functional.gaussian_nll_loss nn.functional.ctc_loss
    nn.functional.adaptive_avg_pool1d nn.functional.adaptive_avg_pool3d nn.functional.adaptive_max_pool1d nn.functional.adaptive_max_pool2d
    nn.functional.adaptive_max_pool3d nn.functional.avg_pool1d nn.functional.avg_pool3d nn.functional.max_pool1d nn.functional.max_pool3d
    nn.functional.max_unpool1d nn.functional.max_unpool2d nn.functional.max_unpool3d nn.functional.conv_transpose1d
    nn.functional.conv_transpose3d nn.functional.pixel_shuffle nn.functional.pixel_unshuffle nn.functional.upsample_nearest
    nn.functional.upsample_bilinear nn.functional.grid_sample grid_sampler_2d grid_sampler_3d
    """.split()
)
"""Operators whose results are numbers, or have one place along the first dimension: their cotangents cannot be expanded."""
