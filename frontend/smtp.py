"""Handing a message to the mail server.

`SMTP_URL` is `smtp://host:port` or, with TLS from the first byte, `smtps://host:port`; a name and password may
stand before the host (percent-encoded), and `?starttls=yes` asks for TLS after the greeting.
"""

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from crowd.shared.db import refuse_inside_transaction
from crowd.shared.settings import WrongSetting

_TIMEOUT_SECONDS: Final = 10
_PORTS: Final = {"smtp": 25, "smtps": 465}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail goes out, as `SMTP_URL` says it."""

    host: str
    port: int
    tls: bool
    starttls: bool
    user: str
    password: str = field(repr=False)

    @classmethod
    def at(cls, url: str) -> "MailServer":
        """Return the server of an SMTP_URL; raise WrongSetting when it cannot be one."""
        parts = urlsplit(url)
        options = parse_qs(parts.query, keep_blank_values=True)
        starttls = options.pop("starttls", ["no"])[-1]
        try:
            port = parts.port
        except ValueError as error:
            raise WrongSetting("SMTP_URL has a port that is not a number") from error
        if parts.scheme not in _PORTS or not parts.hostname:
            raise WrongSetting("SMTP_URL must be smtp://host:port or smtps://host:port")
        if options or starttls not in {"yes", "no"}:
            raise WrongSetting("SMTP_URL knows one option: ?starttls=yes")
        if parts.scheme == "smtps" and starttls == "yes":
            raise WrongSetting("SMTP_URL with smtps:// is encrypted already; leave out starttls")
        return cls(
            host=parts.hostname,
            port=port or _PORTS[parts.scheme],
            tls=parts.scheme == "smtps",
            starttls=starttls == "yes",
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def send(message: EmailMessage, url: str) -> None:
    """Hand `message` to the server at `url`; return once it has taken responsibility for it.

    Certificates are checked. Raises smtplib.SMTPException or OSError: whoever queued it tries again later.
    """
    with _connected(MailServer.at(url)) as line:
        line.send_message(message)


def can_connect(url: str) -> None:
    """Return when the server at `url` lets us in; raise smtplib.SMTPException or OSError."""
    with _connected(MailServer.at(url)) as line:
        line.noop()


@contextmanager
def _connected(server: MailServer) -> Iterator[smtplib.SMTP]:
    refuse_inside_transaction()
    with _greeted(server) as line:
        if server.starttls:
            line.starttls(context=ssl.create_default_context())
        if server.user:
            line.login(server.user, server.password)
        yield line


def _greeted(server: MailServer) -> smtplib.SMTP:
    # Without our own name here the library asks DNS for it at every message.
    name = socket.gethostname()
    if server.tls:
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, name, timeout=_TIMEOUT_SECONDS, context=context)
    return smtplib.SMTP(server.host, server.port, name, timeout=_TIMEOUT_SECONDS)
