"""inner of a number without dimensions and a vector kills the process by a division by zero; it is their product."""

import subprocess
import sys

code = """import mxnet as mx
mx.npx.set_np()
mx.np.inner(mx.np.array(2.0), mx.np.array([1.0, 2.0])).asnumpy()"""
done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
assert done.returncode == 0, done.returncode
