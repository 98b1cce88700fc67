"""The gradient of clip at its bounds is 0.5 or so; PyTorch documents 1, since the value is the input there."""

import jax
import jax.numpy as jnp

g = jax.grad(lambda x: jnp.clip(x, -1.0, 1.5).sum())(jnp.array([-1.0, 1.5]))
assert g.tolist() == [1.0, 1.0], g
