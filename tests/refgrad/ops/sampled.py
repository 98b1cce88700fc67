"""More calls for `attributes`, one line each in its form: placing by index, statistics, distances, integrals of samples."""

from __future__ import annotations

PLACING = """
take: t.take(x, I([5, 0, 0])) | 2x3 | c
take: x.take(I([[-1, -6], [2, 2]])) | 2x3
put: t.put(x, I([5, 0]), y) | 2x3,2 | c
put: x.put(I([[-1], [-1]]), y, accumulate=True) | 2x3,2
put: x.clone().put_(I([0]), y) | .,1
index_fill: t.index_fill(x, 0, I([2, 0, 2]), 1.5) | 3x2 | c
index_fill: t.index_fill(x, -1, I([-1]), 2) | 2x3
index_fill: x.index_fill(1, I([1]), y) | 2x3,.
masked_scatter: t.masked_scatter(x, B([[True, False, True], [False, True, False]]), y) | 2x3,4 | c
masked_scatter: t.masked_scatter(x, B([True, False, True]), y) | 2x3,5
msort: t.msort(x) | 4x2
aminmax: t.aminmax(x) | 2x3
aminmax: t.aminmax(x, dim=1) | 3x4~ | 1
aminmax: t.aminmax(x, dim=-2, keepdim=True) | 2x3
scatter_reduce: t.scatter_reduce(x, 0, I([[0, 1], [0, 0], [2, 1]]), y, "sum") | 3x2,3x2
scatter_reduce: t.scatter_reduce(x, 0, I([[0, 1], [0, 0], [2, 1]]), y, "mean", include_self=False) | 3x2,3x2
scatter_reduce: t.scatter_reduce(x, 0, I([[0, 1], [0, 0], [2, 1]]), y, "prod") | 3x2,3x2 | r
scatter_reduce: x.scatter_reduce(-1, I([[0, 0], [1, 2]]), y, "amax") | 2x3,2x2
scatter_reduce: x.clone().scatter_reduce_(-1, I([[0, 0], [1, 2]]), y, "amin") | 2x3~,2x2~ | 1
index_reduce: t.index_reduce(x, 0, I([0, 2, 0]), y, "prod") | 3x2,3x2
index_reduce: t.index_reduce(x, 1, I([0, 2]), y, "mean", include_self=False) | 2x3,2x2
index_reduce: x.index_reduce(-1, I([0, 2]), y, "amin") | 2x3,2x2
index_reduce: x.clone().index_reduce_(0, I([1, 1]), y, "amax", include_self=True) | 3x2~,2x2~ | 1
"""

STATISTICS = """
quantile: t.quantile(x, 0.4) | 2x3
quantile: t.quantile(x, 0.4, 1) | 2x4
quantile: x.quantile(0.4, -2, True, interpolation="nearest") | 4x2
quantile: t.quantile(x, 0.4, 1, interpolation="lower") | 2x4
quantile: t.quantile(x, 0.4, 1, interpolation="higher") | 2x4
quantile: t.quantile(x, 0.4, 1, interpolation="midpoint") | 2x4
quantile: t.quantile(x, t.full((), 0.3, dtype=t.float64)) | 2x4
quantile: t.quantile(x, y, 0) | 5,3p
quantile: t.quantile(x, y.detach(), keepdim=True) | 2x3,2p
nanquantile: t.nanquantile(x, 0.4, 1) | 2x4
nanquantile: x.nanquantile(y.detach(), 1, True) | 2x4,3p
nanquantile: t.nanquantile(x.masked_fill(B([[True, False, False, True], [False] * 4]), t.nan), 0.4, 1) | 2x4
nansum: t.nansum(x.masked_fill(B([True, False, True]), t.nan), 1, True) | 2x3 | 1
nanmean: t.nanmean(x.masked_fill(B([True, False, True]), t.nan), 1) | 2x3 | 1
nanmean: x.nanmean((0, 1)) | 2x3
cov: t.cov(x) | 2x4 | c
cov: x.cov(correction=0) | 5 | c
cov: t.cov(x, fweights=I([1, 2, 0, 3]), aweights=y) | 2x4,4+
cov: t.cov(x, aweights=y, correction=2) | 2x4,4+
corrcoef: t.corrcoef(x) | 3x4 | c
corrcoef: x.corrcoef() | 5
"""

DISTANCES = """
cdist: t.cdist(x, y) | 2x3,4x3 | 1r
cdist: t.cdist(x, y, 1.0) | 2x2x3,2x3 | 1r
cdist: t.cdist(x, y, 3.0, compute_mode="donot_use_mm_for_euclid_dist") | 2x3,4x3 | 1r
cdist: t.cdist(x, y, float("inf")) | 2x3,4x3 | 1r
cdist: t.cdist(x, y, 0.0) | 2x3~,4x3~ | 1r
cdist: t.cdist(x, x) | 3x2 | 1r
nn.functional.pdist: F.pdist(x) | 4x3 | 1r
nn.functional.pdist: t.pdist(x, 1.5) | 3x2 | 1r
nn.functional.pairwise_distance: F.pairwise_distance(x, y, 3.0, 0.1, True) | 2x3,2x3
dist: t.dist(x, y) | 2x3,3 | c
dist: x.dist(y, 1) | 2x3,2x3
dist: t.dist(x, x) | 3 | 1
renorm: t.renorm(x, 2, 0, 1.0) | 3x2 | c
renorm: x.renorm(1, -1, 0.7) | 2x3x2
renorm: x.clone().renorm_(float("inf"), 0, 0.5) | 3x2
vdot: t.vdot(x, y) | 3,3 | c
linalg.vecdot: L.vecdot(x, y) | 2x3,3 | c
linalg.vecdot: L.vecdot(x, y, dim=0) | 3x2,3x2
cross: t.cross(x, y) | 3x2,3x2 | c
cross: x.cross(y, 1) | 3x3,3x3
linalg.cross: L.cross(x, y) | 2x3,1x3 | c
linalg.cross: L.cross(x, y, dim=-2) | 3x2,3x2
addbmm: t.addbmm(x, y, z, beta=0.5, alpha=2) | 2,2x2x3,2x3x2 | c
"""

CALCULUS = """
trapezoid: t.trapezoid(x) | 2x4 | c
trapezoid: t.trapz(x, y, dim=0) | 3x2,3
trapezoid: t.trapezoid(x, y) | 2x2x3,2x3
trapezoid: t.trapezoid(x, dx=0.5) | 3x1
cumulative_trapezoid: t.cumulative_trapezoid(x, dx=2.0, dim=0) | 3x2 | c
cumulative_trapezoid: t.cumulative_trapezoid(x, y) | 2x3,3
diff: t.diff(x, 2, 0) | 4x2 | c
diff: t.diff(x, prepend=y, append=y) | 2x3,2x1
diff: x.diff(n=5) | 2x3
gradient: t.gradient(x) | 3x4 | c
gradient: t.gradient(x, spacing=0.5, dim=1, edge_order=2) | 2x4
gradient: t.gradient(x, spacing=(y, z), edge_order=2) | 3x4,3,4
gradient: t.gradient(x, spacing=(0.5, -2.0), dim=(-1, 0)) | 2x3
polygamma: t.polygamma(3, x) | 2x3+
polygamma: x.polygamma(2) | 2x3+
special.polygamma: t.special.polygamma(4, x) | 2x3+
mvlgamma: t.mvlgamma(x, 3) | 2x3>
mvlgamma: t.special.multigammaln(x, 2) | 2x3> | 1
mvlgamma: x.clone().mvlgamma_(3) | 2x3>
"""
