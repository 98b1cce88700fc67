"""The gradient of expm1, and with it of elu, celu and selu, is expm1(x) + 1: at -50 it is 0 instead of exp(-50)."""

import jax
import jax.numpy as jnp

jax.config.update("jax_enable_x64", True)
g = jax.grad(jnp.expm1)(-50.0)
assert abs(g / 1.9287498479639178e-22 - 1) < 1e-10, g
