"""The device that the tests of this folder run on: a stand-in for CuPy, or with ``-m cuda`` a GPU."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from refgrad.backends import backend_on
from refgrad.errors import DeviceUnavailable
from tests.refgrad.cuda import stand_in


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Runs each test on the stand-in, and on the GPU where that is asked for: it would be skipped hundreds of times."""
    if "device" in metafunc.fixturenames:
        on_gpu = [pytest.param("gpu", marks=pytest.mark.cuda)] if "cuda" in metafunc.config.option.markexpr else []
        metafunc.parametrize("device", ["stand-in", *on_gpu], indirect=True, scope="module")


@pytest.fixture(scope="module")
def device(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which device it is that ``device="cuda"`` means."""
    if request.param == "stand-in":
        with stand_in.installed():
            backend_on("cuda")  # looks at the device once, which is not what a test asks about
            yield request.param
        return
    try:
        backend_on("cuda")
    except DeviceUnavailable as reason:
        pytest.skip(str(reason))
    yield request.param
