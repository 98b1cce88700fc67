"""Subnormal numbers are flushed to 0 on the way through relu6 and others, by XLA on the CPU: 6e-41 in float32 becomes 0."""

import jax
import numpy as np

y = np.asarray(jax.nn.relu6(np.array([6e-41], np.float32)))[0]
assert y > 0, y
