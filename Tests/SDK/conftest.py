import pytest

from support.process import PROGRAM, Tokencast
from support.sdk import AsyncSDK, SyncSDK
from support.upstream import Upstream


def pytest_sessionstart(session):
    if not PROGRAM.exists():
        pytest.exit(f"there is no {PROGRAM}: run `swift build`, or name the program in TOKENCAST_BINARY", returncode=2)


@pytest.fixture
def upstream():
    with Upstream() as upstream:
        yield upstream


@pytest.fixture
def serve(tmp_path):
    """Starts servers; those that still run at the end of the test are stopped."""
    started = []

    def start(*arguments, cwd=tmp_path, **variables):
        started.append(Tokencast(*arguments, cwd=cwd, **variables))
        return started[-1]

    yield start
    codes = [tokencast.stop() for tokencast in started]
    assert all(code == 0 for code in codes), "a server didn't leave with 0"


@pytest.fixture
def tokencast(serve, upstream):
    """A server in front of the upstream."""
    return serve("--upstream", upstream.url)


@pytest.fixture(params=[SyncSDK, AsyncSDK], ids=["sync", "async"])
def sdk(request):
    return request.param()
