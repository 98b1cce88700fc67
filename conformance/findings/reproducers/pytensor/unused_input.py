"""What grad gives for an input without a path is one option, None or zeros; PyTorch gives None in grad, zeros in vjp."""

import pytensor
import pytensor.tensor as pt

x, z = pt.dvector(), pt.dvector()
given = {"disconnected_inputs": "ignore", "return_disconnected": "none"}
found = pytensor.grad((x * x).sum(), [x, z], **given)
assert found[1] is not None, found
