"""Calls of what factors, solves and inverts matrices beyond the core, in the lines of `attributes`."""

from __future__ import annotations

FUNCTIONS = """
matrix_exp: t.matrix_exp(x) | 3x3 | c
matrix_exp: L.matrix_exp(9 * x) | 2x2x2 | c
matrix_exp: x.matrix_exp() | 1x1 | c
linalg.matrix_power: L.matrix_power(x, 3) | 3x3 | c
linalg.matrix_power: t.matrix_power(x, -2) | 2x2x2 | c
linalg.cond: L.cond(x) | 2x3x3 | c
linalg.cond: L.cond(x, -2) | 3x2 | c
linalg.cond: L.cond(x, "nuc") | 2x2 | c
linalg.cond: L.cond(x, 1) | 3x3 | c | = L.matrix_norm(x, 1) * L.matrix_norm(L.inv(x), 1)
linalg.cond: L.cond(x, "fro") | 2x2x2 | c | = L.matrix_norm(x) * L.matrix_norm(L.inv(x))
linalg.pinv: L.pinv(x) | 2x4x3 | c
linalg.pinv: L.pinv(x) | 3x4 | c
linalg.pinv: L.pinv(x @ y) | 4x2,2x3 | c
linalg.pinv: L.pinv(x @ x.mH, hermitian=True) | 4x2 | c
linalg.pinv: L.pinv(t.stack([x, x * 1e-3]), atol=t.tensor([0.0, 1.0])) | 3x2 | c
linalg.pinv: L.pinv(x, 1e-3) | 3x2
pinverse: t.pinverse(x) | 3x2 | c
pinverse: x.pinverse(1e-3) | 2x3 | c
linalg.lstsq: L.lstsq(x, y)[0] | 4x2,4x3 | c
linalg.lstsq: L.lstsq(x, y).solution | 2x2x4,2x2x1 | c
linalg.lstsq: L.lstsq(x, y)[0] | 2x4x2,2x4 | c
linalg.lstsq: L.lstsq(x, y, driver="gelsd")[1] | 4x2,4x3
linalg.lstsq: L.lstsq(x, y, driver="gels")[1] | 2x4x2,2x4x1
linalg.tensorinv: L.tensorinv(x) | 2x2x4 | c
linalg.tensorinv: L.tensorinv(x, ind=1) | 4x2x2
linalg.tensorsolve: L.tensorsolve(x, y) | 2x3x6,2x3 | c
linalg.tensorsolve: L.tensorsolve(x, y, dims=(0, 2)) | 3x6x2,6
linalg.vander: L.vander(x) | 2x3 | c
linalg.vander: L.vander(x, N=5) | 3~ | c
linalg.eigvals: L.eigvals(x).abs().sum(-1) | 2x3x3 | c
linalg.eigvalsh: L.eigvalsh(x + x.mH, UPLO="U") | 3x3 | c
linalg.svdvals: L.svdvals(x) | 2x4x3 | c
svd: [y.abs() for y in t.svd(x)] | 3x4 | c
qr: [y.abs() for y in t.qr(x, some=True)] | 4x2 | c
logdet: t.logdet(x @ x.mH) | 2x3x3 | c
"""

FACTORS = """
linalg.lu: L.lu(x)[1:] | 2x3x3 | c
linalg.lu: L.lu(x)[1:] | 4x2 | c
linalg.lu: L.lu(x)[1:] | 2x4 | c
linalg.lu_factor: L.lu_factor(x)[0] | 2x3x3 | c
linalg.lu_factor_ex: L.lu_factor_ex(x).LU | 4x3 | c
lu: t.lu(x)[0] | 2x3 | c
lu: x.lu(get_infos=True)[0] | 3x3
linalg.lu_solve: L.lu_solve(x, I([2, 3, 3]).int(), y) | 3x3,3x2 | c
linalg.lu_solve: L.lu_solve(x, I([2, 2]).int(), y, adjoint=True) | 2x2,2x2x1 | c
linalg.lu_solve: L.lu_solve(x, I([2, 2]).int(), y, left=False) | 2x2,3x2 | c
linalg.lu_solve: L.lu_solve(x, I([2, 2]).int(), y, left=False, adjoint=True) | 2x2,3x2 | c
lu_solve: t.lu_solve(y, x, I([3, 2, 3]).int()) | 3x3,3x2 | c
lu_unpack: t.lu_unpack(x, I([3, 2, 3]).int())[1:] | 3x3 | c
lu_unpack: t.lu_unpack(x, I([4, 2]).int(), unpack_pivots=False)[1:] | 4x2 | c
lu_unpack: t.lu_unpack(x, I([2, 2]).int())[1:] | 2x4 | c
linalg.solve_triangular: L.solve_triangular(x, y, upper=False) | 2x3x3,3x2 | c
linalg.solve_triangular: L.solve_triangular(x, y, upper=True, left=False, unitriangular=True) | 3x3,2x3 | c
triangular_solve: t.triangular_solve(y, x)[0] | 3x3,3x2 | cr
triangular_solve: y.triangular_solve(x, False, True, True) | 2x2x2,2x2x1 | cr
cholesky: t.cholesky(x @ x.mH + t.eye(3, dtype=x.dtype)) | 3x3 | cr
linalg.cholesky_ex: L.cholesky_ex(x @ x.mH + t.eye(2, dtype=x.dtype), upper=True)[0] | 2x2 | c
cholesky_inverse: t.cholesky_inverse(x.tril()) | 2x3x3 | = t.linalg.inv(x.tril() @ x.tril().mT)
cholesky_inverse: x.triu().cholesky_inverse(upper=True) | 3x3 | = t.linalg.inv(x.triu().mT @ x.triu())
cholesky_solve: t.cholesky_solve(y, x.tril()) | 2x3x3,3x2 | c
cholesky_solve: y.cholesky_solve(x.triu(), upper=True) | 3x3,2x3x1 | c
linalg.inv_ex: L.inv_ex(x)[0] | 2x3x3 | c
linalg.solve_ex: L.solve_ex(x, y).result | 2x3x3,2x3 | c
linalg.solve_ex: L.solve_ex(x, y, left=False)[0] | 3x3,2x3 | c
linalg.householder_product: L.householder_product(x, y) | 2x4x3,2x3 | c
linalg.householder_product: t.orgqr(x, y) | 4x3,2 | c
ormqr: t.ormqr(x, y, z) | 4x3,3,4x2 | cr
ormqr: t.ormqr(x, y, z, True, True) | 4x3,3,4x2 | cr
ormqr: t.ormqr(x, y, z, left=False) | 4x3,3,2x4 | cr
ormqr: x.ormqr(y, z, False, True) | 2x4x3,2x3,2x2x4 | cr
"""
