"""Runs a command of the program in a pseudo-terminal, as a person would."""

import fcntl
import os
import pty
import struct
import subprocess
import termios

from support.process import CHECKOUT, PROGRAM, environment


def run_in_terminal(*arguments, columns=100, cwd=None, **variables):
    """What a terminal of that width is sent, and the exit code."""
    master, slave = pty.openpty()
    try:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
        process = subprocess.Popen(
            [PROGRAM, *map(str, arguments)],
            cwd=cwd or CHECKOUT,
            env=environment(**{"TERM": "xterm", "LC_ALL": "C.UTF-8", **variables}),
            stdin=subprocess.DEVNULL,
            stdout=slave,
            stderr=slave,
        )
        os.close(slave)
        slave = None
        output = b""
        while True:
            try:
                piece = os.read(master, 65536)
            except OSError:
                # The last one to hold the terminal has gone.
                break
            if not piece:
                break
            output += piece
        return output.decode().replace("\r\n", "\n"), process.wait(20)
    finally:
        os.close(master)
        if slave is not None:
            os.close(slave)
