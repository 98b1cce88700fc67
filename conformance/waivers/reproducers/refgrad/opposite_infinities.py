"""The derivative of the gradient of xlogy in y is 1/y - x/y**2: both overflow, and inf - inf is NaN where the sum is -inf."""

import refgrad

x, y = (refgrad.tensor(v, dtype=refgrad.float64, requires_grad=True) for v in (3e-310, 1e-310))
slopes = refgrad.autograd.grad(refgrad.xlogy(x, y), (x, y), create_graph=True)
(found,) = refgrad.autograd.grad(slopes, y, (refgrad.ones(()), refgrad.ones(())))
right = float("-inf")  # (1 - x / y) / y = -2 / 1e-310, which is beyond the largest number
assert found.item() == right, (found.item(), right)
