"""Calls of the operators that copy, cut, join and turn round, and of those that scale by powers of two, beyond the core;
written as in `attributes`.
"""

from __future__ import annotations

COPIES = """
alias_copy: t.alias_copy(x) | 2x3 | c
as_strided_copy: t.as_strided_copy(x, (2, 2), (1, 2), 1) | 2x3 | c
as_strided_scatter: t.as_strided_scatter(x, y, (2, 2), (1, 2), 1) | 2x3,2x2 | c | = x.ravel().index_put((I([[1, 3], [2, 4]]),), y).view(2, 3)
as_strided_scatter: t.as_strided_scatter(x, y, (2, 2), (1, 1)) | 5,2x2 | = x.index_put((I([0, 1, 2]),), y.ravel()[[0, 2, 3]])
as_strided_scatter: t.as_strided_scatter(x.t(), y, (2,), (3,)) | 2x3,2 | = x.t().index_put((I([0, 0]), I([0, 1])), y)
as_strided_scatter: t.as_strided_scatter(x, y, (0, 2), (2, 1)) | 4,0x2 | = x + y.sum()
detach: t.alias_copy(x).detach() * x | 2x3
diagonal_copy: t.diagonal_copy(x, -1, 1, 0) | 3x3 | c
expand_copy: t.expand_copy(x, (-1, 3)) | 2x1 | c
expand_copy: t.expand_copy(x, (2, 3), implicit=True) | 3
narrow_copy: t.narrow_copy(x, -1, -3, 2) | 2x4 | c
narrow_copy: x.narrow_copy(0, 1, 1) | 2x4
permute_copy: t.permute_copy(x, (-1, 0)) | 2x3 | c
select_copy: t.select_copy(x, 1, -1) | 2x3
slice_copy: t.slice_copy(x, -1, 1, None, 2) | 2x4
split_copy: t.split_copy(x, 2, 1) | 2x3
split_with_sizes: t.split_with_sizes(x, (1, 0, 2), -1) | 2x3 | c
split_with_sizes_copy: t.split_with_sizes_copy(x, (1, 2), 1) | 2x3
squeeze_copy: t.squeeze_copy(x) | 1x3x1 | c
squeeze_copy: t.squeeze_copy(x, -1) | 1x3x1
squeeze_copy: t.squeeze_copy(x, (0, 2)) | 1x3x1
t_copy: t.t_copy(x) | 2x3 | c
transpose_copy: t.transpose_copy(x, 0, -1) | 2x1x3 | c
unbind_copy: t.unbind_copy(x, -1) | 2x3 | c
unfold_copy: t.unfold_copy(x, -1, 2, 1) | 2x4 | c
unsqueeze_copy: t.unsqueeze_copy(x, -2) | 2x3 | c
view_copy: t.view_copy(x, (-1, 2)) | 2x3 | c
view_copy: t.view_copy(x.t(), (6,)) | 2x3
conj_physical: t.conj_physical(x) | 2x3 | c
resolve_conj: t.resolve_conj(t.conj(x)) * x | 2x3 | c
resolve_neg: t.resolve_neg(t.conj(x).imag if x.is_complex() else x) | 2x3 | c
zero_: t.zero_(x * 2) + x | 2x3 | c
"""

PIECES = """
unsafe_split: t.unsafe_split(x, 2) | 5x2 | c
unsafe_split: t.unsafe_split_with_sizes(x, (1, 2), -1) | 2x3
unsafe_chunk: t.unsafe_chunk(x, 2, -1) | 2x5 | c
unsafe_chunk: t.unsafe_chunk(x, 3) | 0x2
tensor_split: t.tensor_split(x, 3) | 7x2 | c
tensor_split: t.tensor_split(x, (3, 1, -9, 12), 1) | 2x5
tensor_split: x.tensor_split(sections=2, dim=-1) | 2x3
hsplit: t.hsplit(x, 2) | 4 | c
hsplit: t.hsplit(x, (1,)) | 2x3x2
vsplit: t.vsplit(x, 2) | 4x3 | c
vsplit: x.vsplit(indices=(-1,)) | 4x3
dsplit: t.dsplit(x, (0, 2)) | 2x1x3 | c
unflatten: t.unflatten(x, -1, (2, -1)) | 2x4 | c
view_as: x.view_as(y) | 2x3,3x2 | c
reshape_as: x.t().reshape_as(y) | 2x3,6 | c
expand_as: x.expand_as(y) | 2x1,2x3 | c
sum_to_size: x.sum_to_size(1, 3) | 2x3 | c
sum_to_size: x.sum_to_size((3,)) | 2x1x3
sum_to_size: x.sum_to_size(()) | 2x3
sum_to_size: x.sum_to_size(2, 3) * x | 2x3
diagflat: t.diagflat(x, -1) | 2x2 | c
linalg.diagonal: L.diagonal(x, offset=1, dim1=0, dim2=-1) | 3x2x3 | c
fliplr: t.fliplr(x) | 2x3x2 | c
flipud: t.flipud(x) | 3 | c
rot90: t.rot90(x) | 2x3 | c
rot90: t.rot90(x, -2, (0, 2)) | 2x3x2
rot90: t.rot90(x, 3, (-1, 0)) | 2x3
rot90: t.rot90(x, 4) | 2x3
constant_pad_nd: t.constant_pad_nd(x, (1, -1, 2, 0), 3.5) | 2x3 | c
"""

JOINTS = """
atleast_1d: t.atleast_1d(x) | . | c
atleast_2d: t.atleast_2d(x, y) | .,3 | c
atleast_3d: t.atleast_3d((x, y, z)) | .,3,2x3 | c
block_diag: t.block_diag(x, y, z) | 2x3,2,. | c
block_diag: t.block_diag(x, y) | 0,2x1 | = t.cat([t.zeros(1, 1, dtype=y.dtype) + x.sum(), y])
block_diag: t.block_diag(x, y.float(), I([1, 2])) | 2x2,3 | r
broadcast_tensors: t.broadcast_tensors(x, y) | 2x1,3 | c
cartesian_prod: t.cartesian_prod(x, y, z) | 2,3,1 | c
cartesian_prod: t.cartesian_prod(x) * x | 3
column_stack: t.column_stack((x, y, z)) | 2,2x3,2x1 | c
combinations: t.combinations(x) | 4 | c
combinations: t.combinations(x, 3, True) | 3
combinations: t.combinations(x, 4) | 3
dstack: t.dstack((x, y)) | 2,1x2x3 | c
meshgrid: t.meshgrid(x, y, z, indexing="xy") | 2,3,2 | c
meshgrid: t.meshgrid([x, y], indexing="ij") | .,3
"""

SCALES = """
__radd__: x.__radd__(y) | 2x3,3 | c
__radd__: x.__radd__(2.5) | 2x3
__rdiv__: x.__rdiv__(y) | 2x3+,3 | c
__rdiv__: x.__rdiv__(2.5) | 2x3+
__rmul__: x.__rmul__(y) | 2x3,. | c
__rpow__: x.__rpow__(y) | 2x3,3+ | c
__rpow__: x.__rpow__(2.5) | 2x3
__rsub__: x.__rsub__(y) | 2x3,3 | c
__rmod__: x.__rmod__(y) | 2x3+,3
__rmatmul__: x.__rmatmul__(y) | 3x2,2x2x3 | c
clamp_min: t.clamp_min(x, y) | 2x3~,3~
clamp_min: t.clamp_min(x, 1) | 2x3~
clamp_max: t.clamp_max(x, y) | 2x3~,3~
clamp_max: x.clamp_max(max=0) | 2x3~
ldexp: t.ldexp(x, y) | 2x3,3 | c
ldexp: t.ldexp(x, I([3, -2, 0])) | 2x3 | c | = t.ldexp(x, I([3, -2, 0]).to(x.dtype))
frexp: t.frexp(x) | 2x3
nextafter: t.nextafter(x, y) | 2x3,3 | 1
nextafter: t.nextafter(x, y) | 2x3~,3~ | 1
"""
