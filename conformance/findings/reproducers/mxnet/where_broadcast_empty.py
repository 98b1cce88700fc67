"""where of operands of the shapes (0, 3) and (0, 1) reads beyond its memory and crashes; the result is empty."""

import subprocess
import sys

code = """import mxnet as mx
mx.npx.set_np()
mask = mx.np.array([[True, False, True]])
mx.np.where(mask, mx.np.zeros((0, 3)), mx.np.zeros((0, 1))).asnumpy()"""
done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
assert done.returncode == 0, done.returncode
