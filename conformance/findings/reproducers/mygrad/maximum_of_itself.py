"""The gradient of maximum(x, x) is 0, where both arguments tie; the function is x, and it is 1 (documented as 0)."""

import mygrad as mg

x = mg.tensor(2.0)
mg.maximum(x, x).backward()
assert x.grad == 1, x.grad
