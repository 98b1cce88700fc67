"""The gradient of leaky_relu at 0 is 1; PyTorch documents the slope, 0.125, the subgradient of least norm."""

import jax

g = jax.grad(lambda x: jax.nn.leaky_relu(x, 0.125))(0.0)
assert g == 0.125, g
