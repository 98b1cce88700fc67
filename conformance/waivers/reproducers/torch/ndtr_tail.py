"""The normal distribution function at -20 is 2.75e-89; the value is 0, since 1 + erf is rounded first."""

import torch

y = torch.special.ndtr(torch.tensor(-20.0, dtype=torch.float64)).item()
assert abs(y / 2.7536241186062337e-89 - 1) < 1e-12, y
