"""float16 times 2.5 is float32, and int32 plus 1.5 float64, by its own casting of numbers; PyTorch: float16, float32."""

import pytensor.tensor as pt

found = (pt.vector(dtype="float16") * 2.5).dtype, (pt.ivector() + 1.5).dtype
assert found == ("float16", "float32"), found
