"""A second backward into a leaf replaces its gradient, as documented: its use in a new operation forgets the first."""

import mygrad as mg

x = mg.tensor([3.0])
(2.0 * x).sum().backward()
(5.0 * x).sum().backward()
assert x.grad[0] == 7.0, x.grad
