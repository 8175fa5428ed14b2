"""A light visitor: bytes over keep-alive connections on loopback, so that the server is what is measured."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence

_SECONDS_TO_ANSWER = 30.0
_CHUNK = 1 << 18


class WrongAnswer(Exception):
    """The server said something else than a measurement of success can use."""


class Line:
    """One connection, one request at a time. `status`, `headers` and `body` are those of the last answer."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=_SECONDS_TO_ANSWER)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self.status = 0
        self.headers: dict[bytes, bytes] = {}
        self.body = b""

    def ask(self, request: bytes, *, expected: int = 200) -> bytes:
        """Send and return the body; raises WrongAnswer for another status than expected."""
        self.socket.sendall(request)
        while not self.hear():
            pass
        self.check(expected)
        return self.body

    def hear(self) -> bool:
        """Receive what has come; whether the answer is complete."""
        got = self.socket.recv(_CHUNK)
        if not got:
            raise WrongAnswer("the server closed the line")
        self._received += got
        head, mark, rest = self._received.partition(b"\r\n\r\n")
        if not mark:
            return False
        first, *lines = head.split(b"\r\n")
        headers = {name.lower(): value for name, _mark, value in (line.partition(b": ") for line in lines)}
        if len(rest) < int(headers.get(b"content-length", b"0")):
            return False
        self.status, self.headers, self.body, self._received = int(first.split()[1]), headers, rest, b""
        return True

    def check(self, expected: int) -> None:
        """Raise WrongAnswer unless the last answer has this status."""
        if self.status != expected:
            raise WrongAnswer(f"{self.status} instead of {expected}: {self.body[:500]!r}")

    def close(self) -> None:
        self.socket.close()


def get(path: str, **headers: str) -> bytes:
    """The bytes of a GET; `if_none_match=` becomes If-None-Match."""
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{lines}\r\n".encode()


def all_at_once(ports: Sequence[int], requests: Iterator[bytes], *, clients: int, expected: int) -> float:
    """Let so many clients, spread over the ports, send the requests as fast as they are answered; seconds it took."""
    waiting = selectors.DefaultSelector()
    lines = [Line(ports[number % len(ports)]) for number in range(clients)]
    try:
        began = time.monotonic()
        for line in lines:
            line.socket.sendall(next(requests))
            waiting.register(line.socket, selectors.EVENT_READ, line)
        while waiting.get_map():
            for key, _events in waiting.select(_SECONDS_TO_ANSWER):
                line = key.data
                if not line.hear():
                    continue
                line.check(expected)
                request = next(requests, None)
                if request is None:
                    waiting.unregister(line.socket)
                else:
                    line.socket.sendall(request)
        return time.monotonic() - began
    finally:
        waiting.close()
        for line in lines:
            line.close()
