"""nginx, and nginx with nchan."""

import getpass
import grp
import os
import pathlib
import re
import resource
import subprocess

from ..process import Process, find_program, first_line
from .base import Peer, accepts, start_on_free_port


class Nginx(Peer):
    name = "nginx"

    def __init__(self):
        self._binary = find_program("nginx")
        if self._binary is None:
            self.missing = "nginx is not installed"

    def start(self, directory, upstream_port, connections):
        def begin(port):
            (directory / "nginx.conf").write_text(self._configuration(port, upstream_port, connections))
            return Process(
                [self._binary, "-p", directory, "-c", directory / "nginx.conf", "-e", directory / "nginx.log"], directory
            )

        return start_on_free_port(begin, accepts)

    def _configuration(self, port, upstream_port, connections):
        # Run by root, the worker would become "nobody" and could not use the directory.
        user = f"user {getpass.getuser()} {grp.getgrgid(os.getgid()).gr_name};" if os.getuid() == 0 else ""
        # Two a stream, and a fifth to spare: with fewer than a sixteenth free, nginx closes idle connections that still wait.
        files = min(max(4096, 2 * connections + connections // 2), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
        return f"""
daemon off; worker_processes 1; pid nginx.pid; {user} {self.modules()}
worker_rlimit_nofile {files};
events {{ worker_connections {files}; }}
http {{
    access_log off; tcp_nodelay on; keepalive_requests 100000000; keepalive_timeout 600s; proxy_read_timeout 600s;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path f; uwsgi_temp_path u; scgi_temp_path s;
    {self.settings()}
    upstream model {{ server 127.0.0.1:{upstream_port}; keepalive {max(512, connections)};
        keepalive_requests 100000000; keepalive_timeout 600s; }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        {self.locations()}
    }}
}}
"""

    def modules(self):
        return ""

    def settings(self):
        return ""

    def locations(self):
        return """location / {
            proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
        }"""

    def version(self):
        return first_line([self._binary, "-v"]).replace("nginx version: ", "")


class Nchan(Nginx):
    name = "nchan"

    def __init__(self):
        super().__init__()
        self._module = None
        if self.missing is None:
            self._module = find_nginx_module(self._binary, "ngx_nchan_module.so")
            if self._module is None:
                self.missing = "nginx's module nchan is not installed"

    def modules(self):
        return f"load_module {self._module};"

    def settings(self):
        return "nchan_shared_memory_size 256m;"

    def locations(self):
        return """location ~ ^/sub/(\\w+)$ {
            nchan_subscriber websocket eventsource; nchan_channel_id $1; nchan_subscriber_first_message newest;
        }
        location ~ ^/pub/(\\w+)$ {
            nchan_publisher; nchan_channel_id $1; nchan_message_buffer_length 10000; nchan_message_timeout 5m;
        }"""

    def subscription(self, transport):
        return ["--subscribe", "/sub/bench", "--publish", "/pub/bench", "--transport", transport]

    def version(self):
        package = first_line(["dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"])
        return f"nchan {package}" if package else "nchan"


def find_nginx_module(binary, name):
    configured = re.search(r"--modules-path=(\S+)", subprocess.run([binary, "-V"], capture_output=True, text=True).stderr)
    places = [configured[1]] if configured else []
    for place in places + ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/local/nginx/modules"]:
        path = pathlib.Path(place) / name
        if path.exists():
            return path
    return None
