"""The real failures, for a replay's faults to be held against: the request's model says which.

Each comes behind the third event, but those whose name says otherwise.
"""

from .upstream import Handler, Upstream

# A comment and three events.
SOUND = 4


class FailingUpstream(Upstream):
    def __init__(self):
        super().__init__()
        self.RequestHandlerClass = FailingHandler


class FailingHandler(Handler):
    def do_POST(self):
        self.failure = None
        super().do_POST()

    def stream(self, body):
        # What is asked for is the stream of `plain`: tapes of it are compared with this.
        self.failure, body["model"] = body["model"], "plain"
        if self.failure == "drop-at-once":
            self.close_connection = True
        elif self.failure == "reset-at-once":
            self.reset()
        elif self.failure == "stall-at-once":
            self.server.gate.wait(30)
        elif self.failure == "unavailable":
            self.answer(503, {"error": {"message": "Not now.", "type": "server_error", "param": None, "code": "busy"}})
        else:
            super().stream(body)

    def write(self, frames):
        """Gets all frames at once."""
        sound, rest = frames[:SOUND], frames[SOUND:]
        match self.failure:
            case "drop" | "reset" | "stall" | "slow":
                super().write(sound)
                self.fail(rest)
            case "malformed":
                super().write([*sound, rest[0].replace(b"{", b"}", 1), *rest[1:]])
            case "no-terminal":
                super().write([*sound, *rest[:-1]])
            case "dup":
                super().write([*sound, sound[-1], *rest])
            case "inject":
                super().write([*sound, b": ping\n\n", *rest])
            case "inject-error":
                super().write([*sound, b'data: {"error":{"message":"Overloaded","type":"server_error"}}\n\n', *rest])
            case _:
                super().write(frames)

    def fail(self, rest):
        if self.failure == "reset":
            self.reset()
        elif self.failure == "drop":
            self.close_connection = True
        elif self.failure == "stall":
            self.server.gate.wait(30)
        else:
            for frame in rest:
                if self.server.gate.wait(2):
                    break
                super().write([frame])
        raise BrokenPipeError
