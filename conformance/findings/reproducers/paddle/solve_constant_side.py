"""The backward of linalg.solve with a constant right side ends in a segmentation fault."""

import subprocess
import sys

code = """import paddle
a = paddle.to_tensor([[2.0, 1.0], [1.0, 3.0]], stop_gradient=False)
paddle.linalg.solve(a, paddle.ones([2, 1])).sum().backward()"""
done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
assert done.returncode == 0, done.returncode
