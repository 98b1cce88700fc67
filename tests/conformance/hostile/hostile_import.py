"""Ends the process that imports it."""

import os
import sys

print("libhostile.so: cannot open shared object file", file=sys.stderr, flush=True)
os._exit(7)
