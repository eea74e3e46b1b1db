"""The engine exists twice, compiled and in numpy: its tests run with both."""

import os

import pytest

from matchmaker.matching import kernels


@pytest.fixture(scope="session")
def compiled():
    if kernels.compile_library() is None:
        assert not os.environ.get("CI"), "no C compiler: the compiled kernels would go untested"
        pytest.skip("no C compiler")
    kernels.loaded.cache_clear()  # a test before this one may have looked for the library in vain
    return kernels.loaded()


@pytest.fixture(scope="module", params=["compiled", "numpy"])
def each_engine(request):
    """Run the tests of a module with the compiled kernels, then without."""
    found = request.getfixturevalue("compiled") if request.param == "compiled" else None
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernels, "loaded", lambda: found)
        yield
