"""An integer value plus 1.5 is a Python float, of 64 bits; PyTorch documents its default dtype, float32."""

import numpy as np
from micrograd.engine import Value

found = np.asarray((Value(1) + 1.5).data).dtype
assert found == np.float32, found
