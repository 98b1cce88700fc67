"""The gradient of abs at 0 is 1, and at nan -1; PyTorch documents 0, the subgradient of least norm."""

import jax
import jax.numpy as jnp

g = jax.grad(jnp.abs)(0.0)
assert g == 0, g
