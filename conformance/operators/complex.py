"""Complex numbers: their parts, and what makes them of real ones.

Operators that take real numbers only give complex results here; those of complex numbers alone are asked in complex
dtypes alone, and the rest in both.
"""

from __future__ import annotations

from conformance.operators.sampling import POSITIVE, binary, both, calls, per_argument, regions, unary, varied
from conformance.operators.spec import operator

_PARTS = regions(boundary=(0.0,))

for _name in ("conj", "real", "angle"):
    operator(f"{_name}(input)", sampling=varied(
        unary(kinks={0.0: 0.0} if _name == "angle" else None), complex=True, result="" if _name == "conj" else "real",
    ))  # fmt: skip
for _name in ("imag", "view_as_real"):
    operator(f"{_name}(input)", sampling=calls(
        ("regular", (2, 3), {}), ("scalar", (), {}), ("size-1", (1,), {}), ("vector", (5,), {}), ("cube", (2, 1, 3), {}),
        regions=per_argument(regions()), complex=True, only_complex=True, result="real",
    ))  # fmt: skip
operator("view_as_complex(input)", sampling=calls(
    ("regular", (3, 2), {}), ("scalar", (2,), {}), ("cube", (2, 1, 2), {}), layouts=False, result="complex",
))  # fmt: skip
operator("complex(real, imag)", sampling=binary(_PARTS, arguments=("real", "imag"), second=False, result="complex"))
operator("polar(abs, angle)", sampling=binary(
    regions(POSITIVE, without="huge subnormal"), {"ordinary": both(-3.0, 3.0), "integers": both(1.0, 6.0)}, arguments=("abs", "angle"),
    alias=False, second=False, result="complex",
))  # fmt: skip
for _name, _shapes in {
    "H": ((2, 3), (1, 1), (0, 2)),
    "T": ((2, 3), (1, 1), (0, 2)),
    "mH": ((2, 3), (2, 2, 3), (0, 2)),
    "mT": ((2, 3), (2, 2, 3), (0, 2)),
}.items():
    operator(f"{_name}(input)", sampling=calls(
        ("regular", _shapes[0], {}), ("stack" if len(_shapes[1]) > 2 else "size-1", _shapes[1], {}), ("empty", _shapes[2], {}), complex=True,
    ))  # fmt: skip

# beyond the core

operator("sgn(input)", core=False, sampling=varied(unary(kinks={0.0: 0.0}), complex=True))
