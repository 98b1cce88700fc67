"""The gradient of x[i] with a negative place in i is written outside its memory: nothing arrives, or the process dies."""

import subprocess
import sys

code = """import mxnet as mx
mx.npx.set_np()
x = mx.np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
x.attach_grad()
with mx.autograd.record():
    y = x[mx.np.array([-2, -2, -1, -3], dtype="int64")]
y.backward()
assert x.grad.tolist() == [[1.0, 1.0], [2.0, 2.0], [1.0, 1.0]]"""
done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
assert done.returncode == 0, done
