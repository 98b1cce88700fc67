"""The curvature of ndtri overflows float32 on its way to a product with two cotangents that is an ordinary number."""

import refgrad

at = lambda dtype: (refgrad.tensor(v, dtype=dtype) for v in (1.15 * 2.0**-66, 0.82))
curvature = lambda x, v: refgrad.func.jvp(lambda x: refgrad.func.vjp(refgrad.special.ndtri, x)[1](v)[0], (x,), (v,))[1]
found, right = curvature(*at(refgrad.float32)).item(), curvature(*at(refgrad.float64)).item()
assert abs(found / right - 1) < 1e-3, (found, right)
