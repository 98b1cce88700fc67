"""The gradient of x ** -0.5 at 1e-310 raises OverflowError; it is beyond the largest double, and -inf."""

from micrograd.engine import Value

x = Value(1e-310)
y = x**-0.5
try:
    y.backward()
    found = x.grad
except OverflowError as error:
    found = error
assert found == float("-inf"), found
