"""Calls of all core operators over their attributes: one line each, ``operator: expression | inputs | flags``.

The expression sees the namespace `t`, its `F` (nn.functional), `L` (linalg), the tensors x, y, z, w in order, and `I` and `B`,
which make an integer and a boolean tensor of nested lists. Inputs are shapes: ``3x2`` drawn around zero, with a suffix ``+``
positive, ``u`` within (-0.9, 0.9), ``p`` within (0.1, 0.9), ``>`` above 1.1, ``~`` for small integers (ties and zeros); ``.`` has
no dimension. The flag ``c`` asks for complex inputs too, ``1`` for the first order only, since PyTorch has no second, ``r`` for
reverse mode only, since the documented gradient leaves out what forward mode shows. After ``=`` stands what PyTorch computes
instead, where its own function is known to be inaccurate.
"""

from __future__ import annotations

from tests.refgrad.ops import layered, rearranging, sampled, solving, spectra

POINTWISE = """
abs: t.abs(x) | 2x3 | c
acos: t.acos(x) | 2x3u | c
acosh: t.acosh(x) | 2x3> | c
asin: t.asin(x) | 2x3u | c
asinh: t.asinh(x) | 2x3 | c
atan: t.atan(x) | 2x3 | c
atanh: t.atanh(x) | 2x3u | c
cos: t.cos(x) | 2x3 | c
cosh: t.cosh(x) | 2x3 | c
digamma: t.digamma(x) | 2x3+
erf: t.erf(x) | 2x3
erfc: t.erfc(x) | 2x3
exp: t.exp(x) | 2x3 | c
exp2: t.exp2(x) | 2x3 | c
expm1: t.expm1(x) | 2x3 | c
floor: t.floor(x) | 2x3
lgamma: t.lgamma(x) | 2x3+
log: t.log(x) | 2x3+ | c
log10: t.log10(x) | 2x3+ | c
log1p: t.log1p(x) | 2x3p | c
log2: t.log2(x) | 2x3+ | c
logit: t.logit(x) | 2x3p
logit: t.logit(x, eps=0.3) | 9p
neg: t.neg(x) | 2x3 | c
reciprocal: t.reciprocal(x) | 2x3 | c
round: t.round(x) | 2x3
round: t.round(x, decimals=1) | 2x3
round: t.round(x * 100, decimals=-1) | 2x3
rsqrt: t.rsqrt(x) | 2x3+ | c
sigmoid: t.sigmoid(x) | 2x3 | c
sign: t.sign(x) | 2x3~
sin: t.sin(x) | 2x3 | c
sinc: t.sinc(x) | 2x3 | c
sinh: t.sinh(x) | 2x3 | c
sqrt: t.sqrt(x) | 2x3+ | c
square: t.square(x) | 2x3 | c
tan: t.tan(x) | 2x3 | c
tanh: t.tanh(x) | 2x3 | c
trunc: t.trunc(x) | 2x3
angle: t.angle(x) | 2x3 | c
conj: t.conj(x) | 2x3 | c
real: t.real(x) | 2x3 | c
imag: t.imag(t.complex(x, y)) | 3,3
complex: t.complex(x, y) | 2x3,3
polar: t.polar(x, y) | 2x3+,2x3
view_as_real: t.view_as_real(t.complex(x, y)) | 3,3
view_as_complex: t.view_as_complex(x) | 3x2
add: t.add(x, y) | 2x3,3 | c
add: t.add(x, y, alpha=-2.5) | 2x3,2x1 | c
add: t.add(x, 2) | 2x3 | c
add: t.add(x, I([1, 2, 3])) | 2x3 | c
add: t.add(x, B([True, False, True])) | 2x3
add: t.add(x, y.float()) | 2x3,3
add: x + y | .,2x3 | c
sub: t.sub(x, y, alpha=3) | 2x3,3 | c
sub: 2 - x | 2x3 | c
sub: t.sub(x, I([1, 2, 3])) | 2x3
mul: t.mul(x, y) | 2x1,3 | c
mul: t.mul(x, I([1, 2, 3])) | 2x3 | c
mul: t.mul(x, B([True, False, True])) | 2x3
mul: x * 2j | 2x3 | c
mul: x * x | 2x3 | c
div: t.div(x, y) | 2x3,3+ | c
div: t.div(x, y, rounding_mode="floor") | 2x3,3+
div: t.div(x, y, rounding_mode="trunc") | 2x3,3+
div: t.div(x, I([1, -2, 3])) | 2x3 | c
div: t.div(I([1, -2, 3]), x) | 2x3+
div: 2 / x | 2x3+ | c
true_divide: t.true_divide(x, y) | 2x3,.+ | c
float_power: t.float_power(x, y) | 2x3+,3
float_power: t.float_power(x, 2.5) | 2x3+
float_power: t.float_power(x, I([1, 2, 3])) | 2x3
fmod: t.fmod(x, y) | 2x3,3+
fmod: t.fmod(x, 0.7) | 2x3
fmod: t.fmod(x * 5, I([2, -3, 2])) | 2x3
remainder: t.remainder(x, y) | 2x3,3+
remainder: t.remainder(x, -0.7) | 2x3
remainder: t.remainder(x * 5, I([2, -3, 2])) | 2x3
pow: t.pow(x, y) | 2x3+,3 | c
pow: t.pow(x, 3) | 2x3 | c
pow: t.pow(x, 0) | 2x3 | c
pow: t.pow(x, 1) | 2x3 | c
pow: t.pow(x, -2) | 2x3 | c
pow: t.pow(x, 0.5) | 2x3+ | c
pow: t.pow(x, -1.5) | 2x3+ | c
pow: t.pow(2, x) | 2x3 | c
pow: t.pow(2.5, x) | 2x3
pow: t.pow(x, I([0, 2, 3])) | 2x3 | c
pow: t.pow(I([1, 2, 3]), x) | 2x3
atan2: t.atan2(x, y) | 2x3,3
logaddexp: t.logaddexp(x, y) | 2x3,3
logaddexp2: t.logaddexp2(x, y) | 2x3,3
xlogy: t.xlogy(x, y) | 2x3,3+
xlogy: t.xlogy(x, 2.0) | 2x3
xlogy: t.xlogy(2.0, x) | 2x3+
xlogy: t.xlogy(x, I([1, 2, 3])) | 2x3
maximum: t.maximum(x, y) | 2x3~,3~
minimum: t.minimum(x, y) | 2x3~,3~
maximum: t.maximum(x, I([1, 0, 1])) | 2x3~
clamp: t.clamp(x, -0.5, 0.5) | 2x3
clamp: t.clamp(x, min=-0.5) | 2x3
clamp: t.clamp(x, max=0.5) | 2x3
clamp: t.clamp(x, 0, 1) | 2x3~
clamp: t.clamp(x, 1, -1) | 2x3
clamp: t.clamp(x, y, z) | 2x3,3~,.
clamp: t.clamp(x, min=y) | 2x3,3
clamp: t.clamp(x, max=y) | 3,2x3
lerp: t.lerp(x, y, 0.3) | 2x3,3 | c
lerp: t.lerp(x, y, 0.8) | 2x3,3 | c
lerp: t.lerp(x, y, z) | 2x3,3,2x1 | c
where: t.where(B([True, False, True]), x, y) | 2x3,3 | c
where: t.where(x > 0, x, 0.0) | 2x3
where: t.where(x > 0, 1, x) | 2x3
masked_fill: t.masked_fill(x, B([True, False, True]), 2.0) | 2x3 | c
masked_fill: x.masked_fill(B([[True], [False]]), y) | 2x3,. | c
masked_fill: t.masked_fill(x, B([True, False, True]), float("-inf")) | 2x3 | 1
clone: t.clone(x) | 2x3 | c
contiguous: x.t().contiguous() | 2x3 | c
"""

REDUCTIONS = """
sum: t.sum(x) | 2x3 | c
sum: t.sum(x, dim=1) | 2x3 | c
sum: t.sum(x, dim=(0, -1), keepdim=True) | 2x3x2 | c
sum: t.sum(x, dim=-2) | 2x0 | c
sum: t.sum(x, dim=()) | 2x3
sum: t.sum(x, -1) | . | c
mean: t.mean(x) | 2x3 | c
mean: t.mean(x, dim=(0, 2)) | 2x3x2 | c
mean: t.mean(x, dim=-1, keepdim=True) | 2x3 | c
prod: t.prod(x) | 2x3 | c
prod: t.prod(x, dim=1) | 2x3~ | c
prod: t.prod(x, dim=-2, keepdim=True) | 3x2~ | c
prod: t.prod(x) | 0
cumsum: t.cumsum(x, 0) | 3x2 | c
cumsum: t.cumsum(x, -1) | 3x2 | c
cumprod: t.cumprod(x, 0) | 4~ | c
cumprod: t.cumprod(x, -1) | 2x3 | c
logcumsumexp: t.logcumsumexp(x, 0) | 3x2
logcumsumexp: t.logcumsumexp(x, -1) | 3x2
logsumexp: t.logsumexp(x, 0) | 3x2
logsumexp: t.logsumexp(x, (0, 1), keepdim=True) | 3x2
logsumexp: t.logsumexp(x, -1) | 2x3x2
std: t.std(x) | 2x3 | c
std: t.std(x, dim=1, correction=0) | 2x3 | c
std: t.std(x, dim=(0, -1), correction=2, keepdim=True) | 2x3x2
std: t.std(x, dim=0, unbiased=False) | 2x3
std: t.std(x, unbiased=True) | 2x3
var: t.var(x) | 2x3 | c
var: t.var(x, dim=1, correction=0) | 2x3 | c
var: t.var(x, dim=(0, -1), correction=2, keepdim=True) | 2x3x2 | c
var: t.var(x, dim=-1, correction=0.5) | 2x3
var: t.var(x, dim=0, unbiased=False) | 2x3
std_mean: t.std_mean(x) | 2x3 | c
std_mean: t.std_mean(x, dim=-1, correction=0, keepdim=True) | 2x3
var_mean: t.var_mean(x) | 2x3 | c
var_mean: t.var_mean(x, dim=(0, 1), correction=0) | 2x3
var_mean: t.var_mean(x, 0, unbiased=False) | 2x3
max: t.max(x) | 2x3~
max: t.max(x, 1) | 2x3
max: t.max(x, -2, keepdim=True) | 2x3
max: t.max(x, y) | 2x3~,3~
max: t.max(x, 0) | .
min: t.min(x) | 2x3~
min: t.min(x, 1) | 2x3
min: t.min(x, dim=-2, keepdim=True) | 2x3
min: t.min(x, y) | 2x3~,3~
amax: t.amax(x) | 2x3~
amax: t.amax(x, 1) | 2x3~
amax: t.amax(x, (0, -1), keepdim=True) | 2x3x2~
amin: t.amin(x, -2) | 2x3~
amin: t.amin(x, (0, 1)) | 2x3x2~
median: t.median(x) | 5~
median: t.median(x) | 2x3
median: t.median(x, 1) | 2x4
median: t.median(x, -2, keepdim=True) | 3x2
linalg.vector_norm: L.vector_norm(x) | 2x3 | c
linalg.vector_norm: L.vector_norm(x, 1) | 2x3 | c
linalg.vector_norm: L.vector_norm(x, 0, dim=1) | 2x3~
linalg.vector_norm: L.vector_norm(x, 3, dim=(0, 1), keepdim=True) | 2x3 | c
linalg.vector_norm: L.vector_norm(x, float("inf"), dim=-1) | 2x3~
linalg.vector_norm: L.vector_norm(x, float("-inf"), dim=-1) | 2x3
linalg.vector_norm: L.vector_norm(x, 0.5) | 2x3 | c
linalg.vector_norm: L.vector_norm(x, -1) | 2x3
linalg.vector_norm: L.vector_norm(x, 2, dim=1) | 2x0
linalg.matrix_norm: L.matrix_norm(x) | 2x3 | c
linalg.matrix_norm: L.matrix_norm(x, "nuc") | 2x3 | c
linalg.matrix_norm: L.matrix_norm(x, 2, keepdim=True) | 3x2 | c
linalg.matrix_norm: L.matrix_norm(x, -2) | 3x2
linalg.matrix_norm: L.matrix_norm(x, 1) | 3x2
linalg.matrix_norm: L.matrix_norm(x, -1) | 3x2
linalg.matrix_norm: L.matrix_norm(x, float("inf")) | 3x2
linalg.matrix_norm: L.matrix_norm(x, -float("inf"), dim=(0, -1)) | 3x2x2
linalg.matrix_norm: L.matrix_norm(x, dim=(0, 2), keepdim=True) | 3x2x2
linalg.norm: L.norm(x) | 2x3 | c
linalg.norm: L.norm(x, "fro") | 2x3
linalg.norm: L.norm(x, "nuc", dim=(0, 1)) | 2x3
linalg.norm: L.norm(x, 3, dim=-1) | 2x3
linalg.norm: L.norm(x, 1) | 2x3
linalg.norm: L.norm(x, 1) | 3
linalg.norm: L.norm(x, 2, dim=(0, 1), keepdim=True) | 2x3
softmax: t.softmax(x, 0) | 3x2
softmax: t.softmax(x, -1) | 2x3x2
softmax: t.softmax(x, 1, dtype=t.float64) | 2x3
log_softmax: t.log_softmax(x, 0) | 3x2
log_softmax: t.log_softmax(x, -1) | 2x3
nn.functional.softmin: F.softmin(x, 0) | 3x2
nn.functional.softmin: F.softmin(x, -1) | 3x2
nn.functional.normalize: F.normalize(x) | 2x3
nn.functional.normalize: F.normalize(x, p=1, dim=0) | 2x3
nn.functional.normalize: F.normalize(x, p=3.0, dim=-1, eps=2.0) | 2x3
nn.functional.cosine_similarity: F.cosine_similarity(x, y) | 2x3,2x3
nn.functional.cosine_similarity: F.cosine_similarity(x, y, dim=-1, eps=0.01) | 2x3,1x3
nn.functional.cosine_similarity: F.cosine_similarity(x, y, dim=0) | 3,3
trace: t.trace(x) | 2x3 | c
"""

SHAPES = """
H: x.H | 2x3 | c
T: x.T | 2x3 | c
mH: x.mH | 2x2x3 | c
mT: x.mT | 2x2x3 | c
t: t.t(x) | 2x3 | c
t: t.t(x) | 3 | c
transpose: t.transpose(x, 0, -1) | 2x3x2 | c
permute: t.permute(x, (2, 0, -2)) | 2x3x2 | c
flatten: t.flatten(x) | 2x3x2 | c
flatten: t.flatten(x, 1, -1) | 2x3x2 | c
flatten: t.flatten(x) | . | c
ravel: t.ravel(x.t()) | 2x3 | c
reshape: t.reshape(x, (3, -1)) | 2x3 | c
reshape: x.t().reshape(2, 3) | 2x3 | c
view: x.view(-1) | 2x3 | c
view: x.view(3, 2) | 2x3 | c
squeeze: t.squeeze(x) | 2x1x3x1 | c
squeeze: t.squeeze(x, -1) | 2x1x3x1 | c
squeeze: t.squeeze(x, (1, 2)) | 2x1x3x1
unsqueeze: t.unsqueeze(x, -1) | 2x3 | c
unsqueeze: t.unsqueeze(x, 0) | 2x3
expand: x.expand(2, -1, 3) | 2x1 | c
broadcast_to: t.broadcast_to(x, (2, 2, 3)) | 2x1 | c
repeat: x.repeat(2, 1, 2) | 2x3 | c
repeat: x.repeat(0, 2) | 3
tile: t.tile(x, (2,)) | 2x3 | c
tile: t.tile(x, (2, 1, 2)) | 2x3
repeat_interleave: t.repeat_interleave(x, 2) | 2x3 | c
repeat_interleave: t.repeat_interleave(x, 3, dim=-1) | 2x3
repeat_interleave: t.repeat_interleave(x, I([1, 0, 2]), dim=1) | 2x3
flip: t.flip(x, (0,)) | 2x3 | c
flip: t.flip(x, (0, -1)) | 2x3
roll: t.roll(x, 1) | 2x3 | c
roll: t.roll(x, (1, -2), (0, 1)) | 2x3
roll: t.roll(x, 5, -1) | 2x3
cat: t.cat((x, y), 0) | 2x3,1x3 | c
cat: t.cat((x, y, x), -1) | 2x3,2x1
cat: t.cat((x, I([1, 2])), 0) | 3
stack: t.stack((x, y)) | 2x3,2x3 | c
stack: t.stack((x, y), -1) | 2x3,2x3
hstack: t.hstack((x, y)) | 2x3,2x1 | c
hstack: t.hstack((x, y)) | 2,3
vstack: t.vstack((x, y)) | 2x3,3 | c
split: t.split(x, 2) | 5x2 | c
split: t.split(x, (1, 3), -1) | 2x4
chunk: t.chunk(x, 3) | 5x2 | c
chunk: t.chunk(x, 2, -1) | 2x5
unbind: t.unbind(x) | 2x3 | c
unbind: t.unbind(x, -1) | 2x3
narrow: t.narrow(x, 1, 1, 2) | 2x4 | c
narrow: t.narrow(x, -1, -3, 2) | 2x4
select: t.select(x, 1, -1) | 2x3 | c
select: x.select(0, 1) | 2x3
unfold: x.unfold(0, 3, 2) | 7x2 | c
unfold: x.unfold(-1, 2, 1) | 2x4
diagonal: t.diagonal(x) | 3x3 | c
diagonal: t.diagonal(x, 1) | 3x4
diagonal: t.diagonal(x, -1, 0, 2) | 3x2x4
diag: t.diag(x) | 3 | c
diag: t.diag(x, 1) | 3
diag: t.diag(x, -1) | 3x4
tril: t.tril(x) | 3x3 | c
tril: t.tril(x, -1) | 2x3x4
triu: t.triu(x) | 3x3 | c
triu: t.triu(x, 1) | 3x4
__getitem__: x[1] | 3x4 | c
__getitem__: x[-1, 1:] | 3x4 | c
__getitem__: x[::2, -3:-1] | 3x4 | c
__getitem__: x[..., None, 0] | 3x4
__getitem__: x[I([0, 2, 0])] | 3x4 | c
__getitem__: x[:, I([1, 1, -1])] | 3x4
__getitem__: x[I([[0], [2]]), I([1, 1, 3])] | 3x4
__getitem__: x[I([0, 1]), :, I([0, 0])] | 3x2x2
__getitem__: x[x > 0] | 3x4
__getitem__: x[B([True, False, True])] | 3x4
__getitem__: x[1, I([0, 0])] | 3x4
gather: t.gather(x, 0, I([[0, 2], [2, 2]])) | 3x2 | c
gather: t.gather(x, -1, I([[1, 1, 0]])) | 3x2
scatter: t.scatter(x, 0, I([[0, 2]]), y) | 3x2,1x2 | c
scatter: t.scatter(x, -1, I([[1], [0]]), 2.0) | 3x2
scatter_add: t.scatter_add(x, 0, I([[0, 2], [0, 0]]), y) | 3x2,2x2 | c
scatter_add: t.scatter_add(x, -1, I([[1, 1], [0, 1]]), y) | 3x2,2x2
index_select: t.index_select(x, 0, I([2, 0, 2])) | 3x2 | c
index_select: t.index_select(x, -1, I([1])) | 3x2
index_add: t.index_add(x, 0, I([2, 0, 2]), y) | 3x2,3x2 | c
index_add: t.index_add(x, -1, I([1, 1]), y, alpha=-2.0) | 3x2,3x2
take_along_dim: t.take_along_dim(x, I([[2, 0], [1, 1]]), 0) | 3x2 | c
take_along_dim: t.take_along_dim(x, I([[0], [1], [0]]), -1) | 3x2
take_along_dim: t.take_along_dim(x, I([5, 5, 0])) | 3x2
sort: t.sort(x, dim=0, stable=True) | 3x2
sort: t.sort(x, -1, descending=True) | 2x4
topk: t.topk(x, 2) | 2x4
topk: t.topk(x, 2, 0, largest=False) | 4x2
topk: t.topk(x, 3, -1, True, True) | 4
nn.functional.pad: F.pad(x, (1, 2)) | 2x3 | c
nn.functional.pad: F.pad(x, (1, -1, 0, 2), value=1.5) | 2x3
nn.functional.pad: F.pad(x, (2, 1), mode="reflect") | 2x4
nn.functional.pad: F.pad(x, (1, 2, 2, 0), mode="replicate") | 1x2x3x3
nn.functional.pad: F.pad(x, (1, 2), mode="circular") | 1x2x3
"""

PRODUCTS = """
matmul: t.matmul(x, y) | 2x3,3x2 | c
matmul: t.matmul(x, y) | 3,3 | c
matmul: t.matmul(x, y) | 2x3,3 | c
matmul: t.matmul(x, y) | 3,2x3x2 | c
matmul: t.matmul(x, y) | 2x1x2x3,2x3x1
mm: t.mm(x, y) | 2x3,3x2 | c
bmm: t.bmm(x, y) | 2x2x3,2x3x1 | c
mv: t.mv(x, y) | 2x3,3 | c
dot: t.dot(x, y) | 3,3 | c
outer: t.outer(x, y) | 2,3 | c
inner: t.inner(x, y) | 2x3,4x3 | c
inner: t.inner(x, y) | 3,3
kron: t.kron(x, y) | 2x3,2x1 | c
kron: t.kron(x, y) | 2x3,2
tensordot: t.tensordot(x, y, 1) | 2x3,3x2 | c
tensordot: t.tensordot(x, y, dims=([0, -1], [1, 0])) | 2x3,3x2
tensordot: t.tensordot(x, y, dims=0) | 2,3
einsum: t.einsum("ij,jk->ik", x, y) | 2x3,3x2 | c
einsum: t.einsum("ij,kj,k->i", x, y, z) | 2x3,4x3,4
einsum: t.einsum("...ii->...i", x) | 2x3x3 | c
einsum: t.einsum("bij,bjk", x, y) | 2x2x3,2x3x2
einsum: t.einsum("ij->", x) | 2x3
einsum: t.einsum("ii,jj", x, y) | 2x2,3x3
addmm: t.addmm(x, y, z) | 2x2,2x3,3x2 | c
addmm: t.addmm(x, y, z, beta=0.5, alpha=-2) | 2,2x3,3x2 | c
addmm: t.addmm(x, y, z, beta=0) | 2,2x3,3x2
baddbmm: t.baddbmm(x, y, z) | 2x2x1,2x2x3,2x3x1 | c
baddbmm: t.baddbmm(x, y, z, beta=0.5, alpha=-2) | 1,2x2x3,2x3x1
linalg.cholesky: L.cholesky(x @ x.mH + 0.5 * t.eye(3, dtype=x.dtype)) | 3x3 | c
linalg.cholesky: L.cholesky(x @ x.mH + 0.5 * t.eye(2, dtype=x.dtype), upper=True) | 2x2x2 | c
linalg.det: L.det(x) | 3x3 | c
linalg.det: L.det(x) | 2x2x2 | c
linalg.inv: L.inv(x) | 2x3x3 | c
linalg.slogdet: L.slogdet(x)[1] | 3x3 | c
linalg.slogdet: L.slogdet(x)[0] | 3x3 | c
linalg.solve: L.solve(x, y) | 3x3,3x2 | c
linalg.solve: L.solve(x, y, left=False) | 3x3,2x3 | c
linalg.solve: L.solve(x, y) | 2x3x3,3
linalg.solve: L.solve(x, y) | 2x3x3,2x3
linalg.solve: L.solve(x, y) | 2x1x2x2,3x2x2
linalg.eigh: L.eigh(x + x.mH)[0] | 3x3 | c
linalg.eigh: L.eigh(x + x.mH, UPLO="U")[0] | 2x2x2 | c
linalg.eigh: L.eigh(x + x.mH)[1].abs() ** 2 | 3x3 | c
linalg.qr: L.qr(x)[0].abs() | 3x2 | c
linalg.qr: L.qr(x)[1].abs() | 3x3 | c
linalg.qr: L.qr(x, mode="complete")[1].abs() | 2x3
linalg.qr: (lambda q, r: q @ r)(*L.qr(x)) | 2x2x3 | c
linalg.svd: L.svd(x, full_matrices=False)[1] | 3x2 | c
linalg.svd: L.svd(x)[1] | 2x3 | c
linalg.svd: L.svd(x, full_matrices=False)[0].abs() ** 2 | 4x2 | c
linalg.svd: L.svd(x, full_matrices=False)[2].abs() ** 2 | 2x2x4 | c
linalg.svd: (lambda u, s, vh: u @ vh)(*L.svd(x, full_matrices=False)) | 3x3 | c
linalg.svd: L.svd(x)[0][:, :2].abs() | 3x2 | 1
fft.fft: t.fft.fft(x) | 5 | c
fft.fft: t.fft.fft(x, n=3, dim=0, norm="ortho") | 4x2 | c
fft.fft: t.fft.fft(x, n=6, norm="forward") | 4
fft.ifft: t.fft.ifft(x) | 5 | c
fft.ifft: t.fft.ifft(x, n=6, dim=0, norm="ortho") | 4x2 | c
fft.fft2: t.fft.fft2(x) | 3x4 | c
fft.fft2: t.fft.fft2(x, s=(2, 5), dim=(0, 2), norm="forward") | 3x2x4 | c
fft.fftn: t.fft.fftn(x) | 2x3x2 | c
fft.fftn: t.fft.fftn(x, dim=(0, -1), norm="ortho") | 2x3x2
fft.rfft: t.fft.rfft(x) | 5
fft.rfft: t.fft.rfft(x, n=6, dim=0, norm="ortho") | 4x2
fft.irfft: t.fft.irfft(x) | 5 | c
fft.irfft: t.fft.irfft(x, n=5, dim=0, norm="forward") | 3x2 | c
"""

ACTIVATIONS = """
nn.functional.celu: F.celu(x) | 2x3
nn.functional.celu: F.celu(x, alpha=0.5) | 2x3
nn.functional.elu: F.elu(x) | 2x3
nn.functional.elu: F.elu(x, alpha=1.7) | 2x3
nn.functional.gelu: F.gelu(x) | 2x3
nn.functional.gelu: F.gelu(x, approximate="tanh") | 2x3
nn.functional.glu: F.glu(x) | 2x4
nn.functional.glu: F.glu(x, 0) | 4x2
nn.functional.hardsigmoid: F.hardsigmoid(x * 3) | 9 | = t.clamp(x * 3 / 6 + 0.5, 0, 1)
nn.functional.hardswish: F.hardswish(x * 3) | 9
nn.functional.hardtanh: F.hardtanh(x) | 9
nn.functional.hardtanh: F.hardtanh(x, -0.5, 2.0) | 9
nn.functional.leaky_relu: F.leaky_relu(x) | 2x3~
nn.functional.leaky_relu: F.leaky_relu(x, 0.2) | 2x3~
nn.functional.leaky_relu: F.leaky_relu(x, -0.5) | 2x3
nn.functional.logsigmoid: F.logsigmoid(x) | 2x3
nn.functional.mish: F.mish(x) | 2x3
nn.functional.prelu: F.prelu(x, y) | 2x3,1
nn.functional.prelu: F.prelu(x, y) | 2x3x2,3
nn.functional.relu: F.relu(x) | 2x3~
nn.functional.relu6: F.relu6(x * 6) | 9
nn.functional.selu: F.selu(x) | 2x3
nn.functional.silu: F.silu(x) | 2x3
nn.functional.softplus: F.softplus(x) | 2x3
nn.functional.softplus: F.softplus(x, beta=2.0, threshold=1.0) | 9
nn.functional.softshrink: F.softshrink(x) | 9
nn.functional.softshrink: F.softshrink(x, 0.2) | 9
nn.functional.softsign: F.softsign(x) | 2x3 | c
nn.functional.tanhshrink: F.tanhshrink(x) | 2x3 | c
nn.functional.threshold: F.threshold(x, 0.1, -2.0) | 9
nn.functional.linear: F.linear(x, y) | 2x3,4x3 | c
nn.functional.linear: F.linear(x, y, z) | 2x2x3,4x3,4 | c
nn.functional.linear: F.linear(x, y) | 3,3
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z) | 2x3x4,2x5x4,2x5x2
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z, is_causal=True) | 3x4,3x4,3x2
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z, scale=0.3) | 3x4,3x4,3x2
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z, attn_mask=w) | 3x4,2x4,2x2,3x2
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z, attn_mask=B([[True, False], [True, True]])) | 2x4,2x4,2x3
nn.functional.scaled_dot_product_attention: F.scaled_dot_product_attention(x, y, z, enable_gqa=True) | 1x4x2x3,1x2x2x3,1x2x2x3
nn.functional.embedding: F.embedding(I([[0, 2], [2, 1]]), x) | 3x2
nn.functional.embedding: F.embedding(I([0, 2, 2]), x, padding_idx=-1) | 3x2 | r
nn.functional.embedding: F.embedding(I([0, 2, 2]), x, scale_grad_by_freq=True) | 3x2 | 1r
"""

LOSSES = """
nn.functional.binary_cross_entropy: F.binary_cross_entropy(x, y) | 2x3p,2x3p
nn.functional.binary_cross_entropy: F.binary_cross_entropy(x, y, weight=z.detach(), reduction="sum") | 2x3p,2x3p,3+
nn.functional.binary_cross_entropy: F.binary_cross_entropy(x, y, reduction="none") | 2x3p,2x3p
nn.functional.binary_cross_entropy_with_logits: F.binary_cross_entropy_with_logits(x, y) | 2x3,2x3p
nn.functional.binary_cross_entropy_with_logits: F.binary_cross_entropy_with_logits(x, y, weight=z.detach(), reduction="sum") | 2x3,2x3p,3+
nn.functional.binary_cross_entropy_with_logits: F.binary_cross_entropy_with_logits(x, y, pos_weight=z.detach(), reduction="none") | 2x3,2x3p,3+
nn.functional.cross_entropy: F.cross_entropy(x, I([1, 0])) | 2x3
nn.functional.cross_entropy: F.cross_entropy(x, I([1, 0]), weight=y.detach()) | 2x3,3+
nn.functional.cross_entropy: F.cross_entropy(x, I([1, 0]), label_smoothing=0.2, reduction="sum") | 2x3
nn.functional.cross_entropy: F.cross_entropy(x, I([1, 0]), weight=y.detach(), label_smoothing=0.2) | 2x3,3+
nn.functional.cross_entropy: F.cross_entropy(x, I([1, -1]), ignore_index=-1, reduction="none") | 2x3
nn.functional.cross_entropy: F.cross_entropy(x, I([1, 0, 1]), ignore_index=1, label_smoothing=0.1, weight=y.detach()) | 3x3,3+
nn.functional.cross_entropy: F.cross_entropy(x, I([[1, 0], [2, 2]])) | 2x3x2
nn.functional.cross_entropy: F.cross_entropy(x, I(1)) | 3
nn.functional.cross_entropy: F.cross_entropy(x, y) | 2x3,2x3p
nn.functional.cross_entropy: F.cross_entropy(x, y, weight=z.detach(), label_smoothing=0.2, reduction="sum") | 2x3x2,2x3x2p,3+
nn.functional.nll_loss: F.nll_loss(x, I([1, 0])) | 2x3
nn.functional.nll_loss: F.nll_loss(x, I([1, 0]), weight=y.detach(), reduction="sum") | 2x3,3+
nn.functional.nll_loss: F.nll_loss(x, I([1, 0, 1]), weight=y.detach(), ignore_index=0) | 3x3,3+
nn.functional.nll_loss: F.nll_loss(x, I([[1, 0], [2, 2]]), reduction="none") | 2x3x2
nn.functional.huber_loss: F.huber_loss(x, y) | 2x3,2x3
nn.functional.huber_loss: F.huber_loss(x, y, delta=0.5, reduction="sum") | 2x3,2x3
nn.functional.huber_loss: F.huber_loss(x, y, reduction="none") | 2x3~,2x3~
nn.functional.kl_div: F.kl_div(x, y) | 2x3,2x3+
nn.functional.kl_div: F.kl_div(x, y, reduction="batchmean", log_target=True) | 2x3,2x3
nn.functional.kl_div: F.kl_div(x, y, reduction="sum") | 2x3,2x3+
nn.functional.kl_div: F.kl_div(x, y, reduction="none") | 2x3,2x3+
nn.functional.l1_loss: F.l1_loss(x, y) | 2x3~,2x3~
nn.functional.l1_loss: F.l1_loss(x, y, reduction="sum") | 2x3,2x3
nn.functional.l1_loss: F.l1_loss(x, y, reduction="none") | 2x3,2x3
nn.functional.mse_loss: F.mse_loss(x, y) | 2x3,2x3
nn.functional.mse_loss: F.mse_loss(x, y, reduction="sum") | 2x3,2x3
nn.functional.mse_loss: F.mse_loss(x, y, reduction="none") | 2x3,2x3
nn.functional.smooth_l1_loss: F.smooth_l1_loss(x, y) | 2x3,2x3
nn.functional.smooth_l1_loss: F.smooth_l1_loss(x, y, beta=0.5, reduction="sum") | 2x3,2x3
nn.functional.smooth_l1_loss: F.smooth_l1_loss(x, y, beta=0.0, reduction="none") | 2x3,2x3
"""

WINDOWS = """
nn.functional.conv1d: F.conv1d(x, y) | 2x3x5,4x3x2 | c
nn.functional.conv1d: F.conv1d(x, y, z, stride=2, padding=1, dilation=2) | 2x3x7,4x3x2,4
nn.functional.conv1d: F.conv1d(x, y, padding="same") | 2x3x5,4x3x2
nn.functional.conv1d: F.conv1d(x, y, groups=2, padding="valid") | 2x4x5,4x2x2
nn.functional.conv2d: F.conv2d(x, y) | 1x2x4x4,3x2x2x3 | c
nn.functional.conv2d: F.conv2d(x, y, z, stride=(2, 1), padding=(1, 0), dilation=(1, 2)) | 1x2x5x5,3x2x2x2,3
nn.functional.conv2d: F.conv2d(x, y, groups=2, padding="same") | 1x4x3x3,2x2x2x2
nn.functional.conv2d: F.conv2d(x, y) | 2x4x4,3x2x2x2
nn.functional.conv3d: F.conv3d(x, y) | 1x1x3x3x3,2x1x2x2x2
nn.functional.conv3d: F.conv3d(x, y, z, stride=2, padding=1, groups=2) | 1x2x3x3x3,2x1x2x2x2,2
nn.functional.conv_transpose2d: F.conv_transpose2d(x, y) | 1x2x3x3,2x3x2x2 | c
nn.functional.conv_transpose2d: F.conv_transpose2d(x, y, z, stride=2, padding=1, output_padding=1, dilation=(2, 1)) | 1x2x3x3,2x3x2x2,3
nn.functional.conv_transpose2d: F.conv_transpose2d(x, y, groups=2, stride=(1, 2)) | 1x4x3x3,4x1x2x2
nn.functional.avg_pool2d: F.avg_pool2d(x, 2) | 1x2x4x5
nn.functional.avg_pool2d: F.avg_pool2d(x, (3, 2), stride=(2, 1), padding=1) | 1x1x4x5
nn.functional.avg_pool2d: F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True, count_include_pad=False) | 1x1x4x6
nn.functional.avg_pool2d: F.avg_pool2d(x, 2, ceil_mode=True, divisor_override=3) | 2x5x5
nn.functional.max_pool2d: F.max_pool2d(x, 2) | 1x2x4x5
nn.functional.max_pool2d: F.max_pool2d(x, (3, 2), stride=(2, 1), padding=1) | 1x1x4x5~
nn.functional.max_pool2d: F.max_pool2d(x, 2, stride=1, dilation=2) | 1x1x5x5
nn.functional.max_pool2d: F.max_pool2d(x, 3, stride=2, padding=1, ceil_mode=True) | 2x4x6
nn.functional.max_pool2d: F.max_pool2d(x, 2, return_indices=True) | 1x1x4x4
nn.functional.adaptive_avg_pool2d: F.adaptive_avg_pool2d(x, 2) | 1x2x5x4
nn.functional.adaptive_avg_pool2d: F.adaptive_avg_pool2d(x, (3, None)) | 1x2x5x4
nn.functional.adaptive_avg_pool2d: F.adaptive_avg_pool2d(x, (7, 1)) | 2x5x4
nn.functional.unfold: F.unfold(x, 2) | 1x2x3x4 | c
nn.functional.unfold: F.unfold(x, (2, 1), dilation=(1, 2), padding=1, stride=(2, 1)) | 2x1x4x4
nn.functional.interpolate: F.interpolate(x, scale_factor=2) | 1x2x2x3
nn.functional.interpolate: F.interpolate(x, size=5, mode="linear") | 1x2x3
nn.functional.interpolate: F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=True) | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, size=(4, 5), mode="bilinear", align_corners=False) | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, scale_factor=(1.5, 2.0), mode="bilinear", recompute_scale_factor=True) | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, scale_factor=1.7, mode="bilinear") | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, size=(4, 2), mode="bicubic", align_corners=True) | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, size=(4, 2), mode="bicubic") | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, size=(2, 2), mode="area") | 1x1x3x5
nn.functional.interpolate: F.interpolate(x, size=(5, 2), mode="nearest-exact") | 1x1x3x3
nn.functional.interpolate: F.interpolate(x, size=(2, 3, 4), mode="trilinear", align_corners=True) | 1x1x3x2x2
nn.functional.interpolate: F.interpolate(x, size=(2, 3), mode="bilinear", antialias=True) | 1x1x5x5
"""

NORMALISATIONS = """
nn.functional.batch_norm: F.batch_norm(x, None, None, training=True) | 3x2
nn.functional.batch_norm: F.batch_norm(x, None, None, y, z, training=True, eps=0.1) | 3x2x2,2,2
nn.functional.batch_norm: F.batch_norm(x, y.detach(), z.detach(), w, None, False) | 3x2x2,2,2+,2
nn.functional.batch_norm: F.batch_norm(x, y.detach().clone(), z.detach().clone(), training=True, momentum=0.3) | 3x2,2,2+
nn.functional.group_norm: F.group_norm(x, 2) | 2x4x3
nn.functional.group_norm: F.group_norm(x, 4, y, z, eps=0.1) | 2x4x3,4,4
nn.functional.instance_norm: F.instance_norm(x) | 2x3x4
nn.functional.instance_norm: F.instance_norm(x, weight=y, bias=z, eps=0.1) | 2x3x4,3,3
nn.functional.instance_norm: F.instance_norm(x, y.detach(), z.detach(), use_input_stats=False) | 2x3x4,3,3+
nn.functional.layer_norm: F.layer_norm(x, (3,)) | 2x3
nn.functional.layer_norm: F.layer_norm(x, (2, 3), y, z, 0.1) | 2x2x3,2x3,2x3
nn.functional.layer_norm: F.layer_norm(x, (3,), y) | 2x3,3
nn.functional.rms_norm: F.rms_norm(x, (3,)) | 2x3
nn.functional.rms_norm: F.rms_norm(x, (2, 3), y, 0.1) | 2x2x3,2x3
"""

CHAPTERS = {
    "copies": rearranging.COPIES,
    "pieces": rearranging.PIECES,
    "joints": rearranging.JOINTS,
    "scales": rearranging.SCALES,
    "placing": sampled.PLACING,
    "statistics": sampled.STATISTICS,
    "distances": sampled.DISTANCES,
    "calculus": sampled.CALCULUS,
    "fourier": spectra.FOURIER,
    "masked": spectra.MASKED,
    "pooling": layered.POOLING,
    "grids": layered.GRIDS,
    "layers": layered.LAYERS,
    "margins": layered.MARGINS,
    "pointwise": POINTWISE,
    "reductions": REDUCTIONS,
    "shapes": SHAPES,
    "products": PRODUCTS,
    "functions of matrices": solving.FUNCTIONS,
    "factors of matrices": solving.FACTORS,
    "activations": ACTIVATIONS,
    "losses": LOSSES,
    "windows": WINDOWS,
    "normalisations": NORMALISATIONS,
}
