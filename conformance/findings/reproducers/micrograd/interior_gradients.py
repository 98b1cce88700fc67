"""A second backward through a computed value adds to its gradient too, and counts the first twice: 3 instead of 2."""

from micrograd.engine import Value

x = Value(2.0)
y = x * 1
(y + 0).backward()
(y + 0).backward()
assert x.grad == 2, x.grad
