"""The gradient of i0 near 0 loses its digits, in float32 at 1e-5 all but two; i0'(x) = i1(x), here 5e-6."""

import jax
import jax.numpy as jnp

g = jax.grad(jax.scipy.special.i0)(jnp.float32(1e-5))
assert abs(g / 5e-6 - 1) < 1e-5, g
