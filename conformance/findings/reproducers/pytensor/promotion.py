"""float32 times int64, or times float64 without dimensions, is float64, by NumPy's rules for arrays; PyTorch: float32."""

import pytensor.tensor as pt

x = pt.fvector()
found = (x * pt.lvector()).dtype, (x * pt.dscalar()).dtype
assert found == ("float32", "float32"), found
