"""flip of a (0, 2) array divides by zero after a few calls, in most processes, and takes the process along."""

import subprocess
import sys

code = """
import mindspore, numpy
for _ in range(40):
    for shape, kind, dim in (((2, 3), "f4", 0), ((2, 3), "f4", 1), ((2, 3), "f8", 0), ((0, 2), "f4", 0)):
        mindspore.ops.flip(mindspore.Tensor(numpy.ones(shape, kind)), (dim,)).asnumpy()
"""
runs = (subprocess.run([sys.executable, "-c", code], check=False, capture_output=True) for _ in range(30))
died = next((run.returncode for run in runs if run.returncode), 0)
assert died == 0, died
