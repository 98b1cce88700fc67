"""The gradient of std of equal numbers is nan; PyTorch documents 0, the subgradient of least norm."""

import jax
import jax.numpy as jnp

g = jax.grad(jnp.std)(jnp.ones(3))
assert (g == 0).all(), g
