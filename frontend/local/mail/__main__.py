"""`python -m frontend.local.mail`: catch mail on MAIL_SMTP_PORT, show it on MAIL_HTTP_PORT.

Both listen on loopback only. MAIL_DATA is the folder that keeps the messages.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from frontend.local.mail.pages import create_app
from frontend.local.mail.store import Mailbox

_HOST = "127.0.0.1"
_LARGEST_MESSAGE = 10_000_000


class Catcher:
    """What aiosmtpd calls for each message."""

    def __init__(self, mailbox: Mailbox) -> None:
        """Keep messages in this mailbox."""
        self._mailbox = mailbox

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep the message, then accept it. Logs its number and size, nobody's address."""
        content = envelope.content or b""
        entry = self._mailbox.add(
            content if isinstance(content, bytes) else content.encode(),
            sender=envelope.mail_from or "",
            to=envelope.rcpt_tos,
            received_at=datetime.now(UTC).isoformat(timespec="seconds"),
        )
        sys.stdout.write(f"message {entry.id} kept ({entry.size} bytes)\n")
        return f"250 kept as {entry.id}"


async def serve(*, folder: Path, smtp_port: int, http_port: int) -> None:
    """Serve both doors until SIGTERM or SIGINT."""
    mailbox = Mailbox(folder)
    loop = asyncio.get_running_loop()
    catcher = Catcher(mailbox)
    smtp = await loop.create_server(
        lambda: SMTP(catcher, hostname="localhost", data_size_limit=_LARGEST_MESSAGE, loop=loop),
        _HOST,
        smtp_port,
    )
    async with smtp:
        config = uvicorn.Config(
            create_app(mailbox),
            host=_HOST,
            port=http_port,
            access_log=False,
            log_level="warning",
            timeout_graceful_shutdown=2,
        )
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    asyncio.run(
        serve(
            folder=Path(os.environ["MAIL_DATA"]),
            smtp_port=int(os.environ["MAIL_SMTP_PORT"]),
            http_port=int(os.environ["MAIL_HTTP_PORT"]),
        )
    )
