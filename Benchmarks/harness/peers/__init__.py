"""The servers that are measured: how each is started, and how its clients reach it."""

from .base import Direct, Peer, Server
from .floors import Floor, LibcurlRelay, Relay
from .gateways import LiteLLM, SglangRouter
from .haproxy import Haproxy
from .nginx import Nchan, Nginx
from .tokencast import Keeping, Recording, Tokencast


def peers(program, built, with_gateways):
    """All of them; those that can't be measured say why. `built` is where the C programs are."""
    found = [
        Direct(), Nginx(), Haproxy(), Nchan(), Floor(built / "floor"), Relay(built / "relay"),
        LibcurlRelay(built / "curl_relay"), Tokencast(program), Recording(program), Keeping(program),
    ]
    if with_gateways:
        found += [SglangRouter(built / "peers"), LiteLLM(built / "peers")]
    return found


__all__ = ["Direct", "Peer", "Server", "peers"]
