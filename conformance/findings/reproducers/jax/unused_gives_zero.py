"""The gradient of an input that is not used is zeros; PyTorch gives None with allow_unused."""

import jax

g = jax.grad(lambda x, y: x * x, argnums=1)(1.0, 2.0)
assert g is None, g
