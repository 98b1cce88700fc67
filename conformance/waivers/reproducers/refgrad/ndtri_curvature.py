"""The curvature of ndtri overflows float32 on its way to a product with two cotangents that is an ordinary number."""

import refgrad

ndtri, vjp, jvp = refgrad.special.ndtri, refgrad.func.vjp, refgrad.func.jvp
found = []
for dtype in (refgrad.float32, refgrad.float64):
    x, v = (refgrad.tensor(value, dtype=dtype) for value in (1.15 * 2.0**-66, 0.82))
    found.append(jvp(lambda x, v=v: vjp(ndtri, x)[1](v)[0], (x,), (v,))[1].item())
assert abs(found[0] / found[1] - 1) < 1e-3, found
