"""The gradient of -1e300 / y in y at 1e165 is 0, since y ** -2 underflows; it is 1e300 / y / y = 1e-30."""

from micrograd.engine import Value

y = Value(1e165)
(Value(-1e300) / y).backward()
assert abs(y.grad / 1e-30 - 1) < 1e-12, y.grad
