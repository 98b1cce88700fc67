"""Starts the worker in another interpreter: ``PYTHON -P boot.py --engine …``.

Only the package `conformance` is made importable there. Putting its folder on the path would bring this environment's
NumPy and everything else along, built for a different Python.
"""

import importlib.util
import sys
from pathlib import Path

if __name__ == "__main__":
    package = Path(__file__).resolve().parent.parent
    spec = importlib.util.spec_from_file_location(
        "conformance", package / "__init__.py", submodule_search_locations=[str(package)]
    )
    sys.modules["conformance"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["conformance"])
    from conformance.protocol.worker import main

    sys.exit(main())
