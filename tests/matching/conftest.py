"""The engine exists twice, compiled and in numpy: its tests run with both."""

import pytest

from matchmaker.matching import kernels


@pytest.fixture(scope="session")
def compiled():
    path = kernels.compile_library()
    if path is None:
        pytest.skip("no C compiler")
    return kernels.Kernels(path)


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def each_engine(request):
    """Run the tests of a module with the compiled kernels, then without."""
    found = request.getfixturevalue("compiled") if request.param == "compiled" else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "loaded", lambda: found)
        yield
