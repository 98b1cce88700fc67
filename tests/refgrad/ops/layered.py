"""Calls of layers and losses beyond the core, in the notation of `attributes`."""

from __future__ import annotations

POOLING = """
nn.functional.avg_pool1d: F.avg_pool1d(x, 3, 2, 1, True) | 2x2x6
nn.functional.avg_pool3d: F.avg_pool3d(x, (2, 1, 2), 1, (1, 0, 1), count_include_pad=False) | 1x2x2x2x3
nn.functional.max_pool1d: F.max_pool1d(x, 3, 1, 1, 2) | 2x2x7~
nn.functional.max_pool3d: F.max_pool3d(x, 2, 1, (1, 0, 1)) | 1x1x2x3x2~
nn.functional.adaptive_avg_pool1d: F.adaptive_avg_pool1d(x, 3) | 2x2x7
nn.functional.adaptive_avg_pool3d: F.adaptive_avg_pool3d(x, (None, 2, 3)) | 1x2x2x3x2
nn.functional.adaptive_max_pool1d: F.adaptive_max_pool1d(x, 3, return_indices=True) | 2x2x7
nn.functional.adaptive_max_pool2d: F.adaptive_max_pool2d(x, (2, 3)) | 1x2x5x4~
nn.functional.adaptive_max_pool3d: F.adaptive_max_pool3d(x, 2) | 1x1x3x2x4~
nn.functional.max_unpool1d: F.max_unpool1d(x, I([[[1, 2], [0, 3]]]), 2) | 1x2x2
nn.functional.max_unpool2d: F.max_unpool2d(x, I([[[[3, 0]]]]), (1, 2), output_size=(1, 5)) | 1x1x1x2
nn.functional.max_unpool3d: F.max_unpool3d(x, I([[[[5, 2]]]]), (2, 1, 2)) | 1x1x1x2
"""

GRIDS = """
nn.functional.grid_sample: F.grid_sample(x, y, align_corners=False) | 1x2x3x2,1x2x3x2 | r
nn.functional.grid_sample: F.grid_sample(x, 2 * y, "bicubic", "reflection", True) | 1x1x3x3,1x1x2x2 | r
nn.functional.grid_sample: F.grid_sample(x, 2 * y, "nearest", "border", True) | 1x2x3x2,1x2x3x2 | 1r
grid_sampler_2d: t.grid_sampler_2d(x, 2 * y, 0, 1, False) | 1x1x3x3,1x1x2x2 | r
grid_sampler_3d: t.grid_sampler_3d(x, 2 * y, 0, 2, True) | 1x1x2x3x2,1x1x1x2x3 | 1r
"""

LAYERS = """
nn.functional.conv_transpose1d: F.conv_transpose1d(x, y, z, 2, 1, 1, 2) | 1x2x3,2x2x3,4 | c
nn.functional.conv_transpose3d: F.conv_transpose3d(x, y, None, (2, 1, 2), 0, (1, 0, 1)) | 1x1x2x1x2,1x2x1x2x2 | c
nn.functional.bilinear: F.bilinear(x, y, z, w) | 2x3,2x2,2x3x2,2
nn.functional.channel_shuffle: F.channel_shuffle(x, 3) | 2x6x2 | c
nn.functional.pixel_shuffle: F.pixel_shuffle(x, 2) | 2x8x1x2 | c
nn.functional.pixel_unshuffle: F.pixel_unshuffle(x, 2) | 2x2x4 | c
nn.functional.local_response_norm: F.local_response_norm(x, 2, 0.5, 0.5, 2.0) | 2x3x2
nn.functional.local_response_norm: F.local_response_norm(x, 3, 0.5) | 1x4x2x1x2
nn.functional.embedding_bag: F.embedding_bag(I([[0, 2], [2, 2]]), x, padding_idx=0) | 3x2 | 1r
nn.functional.embedding_bag: F.embedding_bag(I([0, 2, 2, 1]), x, I([0, 3, 3]), mode="max") | 3x2~ | 1r
nn.functional.embedding_bag: F.embedding_bag(I([0, 2, 2, 1]), x, I([0, 3]), mode="sum", per_sample_weights=y) | 3x2,4 | 1r
nn.functional.multi_head_attention_forward: F.multi_head_attention_forward(x, x, x, 2, 2, y, z, None, None, True, 0.0, w, None) | 2x1x2,6x2,6,2x2
native_layer_norm: t.native_layer_norm(x, (3,), y, z, 0.1)[0] | 2x3,3,3 | r
native_group_norm: t.native_group_norm(x, y, z, 2, 4, 2, 2, 0.1)[0] | 2x4x2,4,4
native_batch_norm: t.native_batch_norm(x, y, z, None, None, True, 0.1, 0.1)[0] | 3x2,2,2
"""

MARGINS = """
nn.functional.ctc_loss: F.ctc_loss(x.log_softmax(2), I([[1, 2], [2, 2]]), (4, 3), (2, 1)) | 4x2x3 | 1r
nn.functional.ctc_loss: F.ctc_loss(x.log_softmax(2), I([1, 1, 2]), (2, 2), (2, 1), zero_infinity=True) | 2x2x3 | 1r
nn.functional.cosine_embedding_loss: F.cosine_embedding_loss(x, y, I([1, -1, -1]), 0.1) | 3x2,3x2
nn.functional.gaussian_nll_loss: F.gaussian_nll_loss(x, y, z, True, 0.7, "sum") | 2x3,2x3,2+
nn.functional.hinge_embedding_loss: F.hinge_embedding_loss(x, I([1, -1, 1]), 2.0) | 2x3~
nn.functional.margin_ranking_loss: F.margin_ranking_loss(x, y, I([[1, -1, 1]]), 1.0, reduction="none") | 2x3~,2x3~
nn.functional.multi_margin_loss: F.multi_margin_loss(x, I([2, 0]), margin=1.0) | 2x3~ | 1r
nn.functional.multi_margin_loss: F.multi_margin_loss(x, I([2, 0]), 2, 0.5, reduction="none") | 2x3 | 1r
nn.functional.multilabel_margin_loss: F.multilabel_margin_loss(x, I([[2, 0, -1], [-1, 1, 0]])) | 2x3~ | 1r
nn.functional.multilabel_soft_margin_loss: F.multilabel_soft_margin_loss(x, y) | 2x3,2x3p
nn.functional.triplet_margin_loss: F.triplet_margin_loss(x, y, z, 3.0, swap=True) | 3x2,3x2,3x2
nn.functional.triplet_margin_with_distance_loss: F.triplet_margin_with_distance_loss(x, y, z, margin=3.0) | 3x2,3x2,3x2
"""
