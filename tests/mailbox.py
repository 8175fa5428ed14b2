"""A real mail server on loopback, that keeps what it is given."""

import asyncio
import email
import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Mailbox:
    """What came in, oldest first. With `refuse` the server says that it cannot take mail now."""

    url: str = ""
    messages: list[EmailMessage] = field(default_factory=list)
    refuse: bool = False

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        if self.refuse:
            return "451 try again later"
        content = envelope.content
        message = email.message_from_bytes(content if isinstance(content, bytes) else b"", policy=default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 kept"


class _OnAnyPort(Controller):
    """aiosmtpd's controller looks for its server at the port it was given, which is 0 for any free one."""

    def _trigger_server(self) -> None:
        assert isinstance(self.server, asyncio.Server)
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()  # type: ignore[no-untyped-call]  # aiosmtpd has types, but not here


@contextmanager
def running_mailbox() -> Iterator[Mailbox]:
    """Serve a mailbox on a free port until the block ends."""
    box = Mailbox()
    controller = _OnAnyPort(box, hostname="127.0.0.1", port=0)
    controller.start()
    try:
        box.url = f"smtp://127.0.0.1:{controller.port}"
        yield box
    finally:
        controller.stop()


def body_of(message: EmailMessage, kind: str) -> str:
    """The plain or html form of a message; in html with its entities read."""
    part = message.get_body((kind,))
    assert part is not None
    return html.unescape(str(part.get_content()))
