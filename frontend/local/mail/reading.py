"""Reading one message for a person or a program: its text, its HTML, its links, its attachments."""

import html
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage, MIMEPart
from email.policy import default

from markupsafe import Markup, escape

_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
_HREF = re.compile(r"""href\s*=\s*["']([^"']+)["']""", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with the message."""

    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message taken apart. `html` is empty when there is only text, and the other way round."""

    subject: str
    sender: str
    text: str
    html: str
    headers: tuple[tuple[str, str], ...]
    attachments: tuple[Attachment, ...]

    @property
    def links(self) -> list[str]:
        """Every web address in the text and the HTML, each once, in order."""
        in_html = [html.unescape(link) for link in _HREF.findall(self.html)]
        found = _LINK.findall(self.text) + [link for link in in_html if link.startswith("http")]
        return list(dict.fromkeys(found))

    @property
    def text_with_links(self) -> Markup:
        """The text, escaped, its web addresses clickable."""
        parts: list[Markup] = []
        end = 0
        for match in _LINK.finditer(self.text):
            parts += [escape(self.text[end : match.start()])]
            parts += [Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(match.group())]
            end = match.end()
        return Markup("").join([*parts, escape(self.text[end:])])


def read_letter(content: bytes) -> Letter:
    """Take a message apart; a broken part becomes empty, never an error."""
    message = message_from_bytes(content, policy=default)
    return Letter(
        subject=str(message.get("Subject", "")),
        sender=str(message.get("From", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
        headers=tuple((name, str(value)) for name, value in message.items()),
        attachments=tuple(_attachments(message)),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return "" if part is None else _text(part)


def _text(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except (LookupError, ValueError, KeyError):
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""


def _attachments(message: EmailMessage) -> list[Attachment]:
    found: list[Attachment] = []
    for number, part in enumerate(message.iter_attachments(), start=1):
        payload = part.get_payload(decode=True)
        found.append(
            Attachment(
                name=part.get_filename() or f"{number}.bin",
                content_type=part.get_content_type(),
                content=payload if isinstance(payload, bytes) else str(part).encode(),
            )
        )
    return found
