"""The second derivative of ndtri in float64 at 0.1365… is wrong by 5e-14 of itself; it is -22.90295152459307."""

import jax
from jax.scipy import special

jax.config.update("jax_enable_x64", True)
h = jax.grad(jax.grad(special.ndtri))(0.13650375939849627)
assert abs(h / -22.90295152459307 - 1) < 1e-14, h
