"""Comparisons, tests and logic: booleans, of which nothing is differentiated."""

from __future__ import annotations

from refgrad.rules import discrete

eq = discrete("eq", kernel=lambda xp, a, b: xp.equal(a, b))
ne = discrete("ne", kernel=lambda xp, a, b: xp.not_equal(a, b))
lt = discrete("lt", kernel=lambda xp, a, b: xp.less(a, b))
le = discrete("le", kernel=lambda xp, a, b: xp.less_equal(a, b))
gt = discrete("gt", kernel=lambda xp, a, b: xp.greater(a, b))
ge = discrete("ge", kernel=lambda xp, a, b: xp.greater_equal(a, b))
isnan = discrete("isnan")
isinf = discrete("isinf")
isfinite = discrete("isfinite")
isposinf = discrete("isposinf")
isneginf = discrete("isneginf")
isreal = discrete("isreal")
signbit = discrete("signbit")
isclose = discrete(
    "isclose",
    kernel=lambda xp, a, b, *, rtol, atol, equal_nan: xp.isclose(a, b, rtol=rtol, atol=atol, equal_nan=equal_nan),
)
logical_and = discrete("logical_and")
logical_or = discrete("logical_or")
logical_xor = discrete("logical_xor")
logical_not = discrete("logical_not")
bitwise_and = discrete("bitwise_and")
bitwise_or = discrete("bitwise_or")
bitwise_xor = discrete("bitwise_xor")
bitwise_not = discrete("bitwise_not", kernel=lambda xp, x: xp.invert(x))
all = discrete("all", kernel=lambda xp, x, *, dim, keepdim: xp.all(x, axis=dim, keepdims=keepdim))
any = discrete("any", kernel=lambda xp, x, *, dim, keepdim: xp.any(x, axis=dim, keepdims=keepdim))
argmax = discrete("argmax", kernel=lambda xp, x, *, dim, keepdim: xp.argmax(x, axis=dim, keepdims=keepdim))
argmin = discrete("argmin", kernel=lambda xp, x, *, dim, keepdim: xp.argmin(x, axis=dim, keepdims=keepdim))
count_nonzero = discrete("count_nonzero", kernel=lambda xp, x, *, dim: xp.count_nonzero(x, axis=dim))
nonzero = discrete(
    "nonzero", kernel=lambda xp, x: xp.stack(xp.nonzero(x), axis=-1) if x.ndim else xp.zeros((int(bool(x)), 0), "int64")
)
