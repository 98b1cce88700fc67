"""The gradient of x ** 0 at 0 raises ZeroDivisionError; the function is constant, and it is 0."""

from micrograd.engine import Value

x = Value(0.0)
y = x**0
try:
    y.backward()
    found = x.grad
except ZeroDivisionError as error:
    found = error
assert found == 0, found
