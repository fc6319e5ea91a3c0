"""What the server keeps in memory."""

import re
import sys

import httpx
import pytest


def resident_code(pid):
    """Kilobytes of pages of code that are in memory."""
    with open(f"/proc/{pid}/smaps") as smaps:
        found = re.findall(r"^[0-9a-f]+-[0-9a-f]+ r-xp .* /.*\n(?:.*\n)*?Rss: +(\d+) kB", smaps.read(), re.MULTILINE)
    assert found
    return sum(map(int, found))


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_pages_of_code_that_only_the_start_needed_are_let_go_of(serve):
    tokencast = serve("--upstream", "http://127.0.0.1:9")
    # Some six thousand by now, as other threads go on; without that it is more than twenty thousand.
    assert resident_code(tokencast.process.pid) < 16 << 10
    # They come back as they are needed.
    assert httpx.get(f"{tokencast.url}/healthz").text == "ok\n"
