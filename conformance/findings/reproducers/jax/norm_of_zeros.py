"""The gradient of linalg.norm at zero is nan; PyTorch documents 0, the subgradient of least norm."""

import jax
import jax.numpy as jnp

g = jax.grad(jnp.linalg.norm)(jnp.zeros(3))
assert (g == 0).all(), g
