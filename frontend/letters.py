"""One letter: a template with facts, made into a mail that reads well as HTML and as plain text.

A template is written once, in `templates/emails/`, from the parts of `_parts.html` and `_parts.txt`: so both
forms always say the same. `docs/emails.md` shows how to write one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, Template

from crowd.municipalities.queries import MunicipalityFacts
from crowd.shared.clock import machine_now
from crowd.shared.settings import Settings
from frontend.formats import Language
from frontend.rendering import Assets, environment
from frontend.theme import ramp

# The step of a brand's ramp that keeps 7:1 beside white, so a button reads well whatever the brand.
_BUTTON_STEP: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a letter; `content` is text, `subtype` what follows "text/"."""

    name: str
    subtype: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is said to one person. `facts` are the names its template uses; addresses in it are whole.

    `stop_url` ends this kind of mail with one click, for what nobody has to receive.
    """

    to: str
    language: Language
    facts: Mapping[str, object]
    stop_url: str = ""
    attachments: tuple[Attachment, ...] = field(default=())


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter in words."""

    subject: str
    html: str
    text: str


def template_of(kind: str) -> str:
    """Return the template of an outbox kind: "pledge.receipt" is written in emails/pledge_receipt.jinja."""
    return f"emails/{kind.replace('.', '_')}.jinja"


def write(kind: str, letter: Letter, *, town: MunicipalityFacts) -> Written:
    """Return the letter in its reader's language, in both forms."""
    facts = {
        **letter.facts,
        "town": town,
        "stop_url": letter.stop_url,
        "button_colour": ramp(town.brand_colour)[_BUTTON_STEP],
    }
    html = _template(letter.language, "html", kind)
    text = _template(letter.language, "txt", kind)
    subject = "".join(text.blocks["subject"](text.new_context({**facts, "medium": "txt"})))
    return Written(
        subject=" ".join(subject.split()),
        html=_INLINER.inline(html.render(facts, medium="html")),
        text=_tidy(text.render(facts, medium="txt")),
    )


def message(kind: str, letter: Letter, *, key: str, town: MunicipalityFacts, settings: Settings) -> EmailMessage:
    """Return the letter as a mail. The same `key` gives the same Message-ID, so a repeat is known as one."""
    written = write(kind, letter, town=town)
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = written.subject
    mail["From"] = settings.mail_from
    mail["To"] = Address(addr_spec=letter.to)
    if town.email:
        mail["Reply-To"] = Address(display_name=town.site_name, addr_spec=town.email)
    mail["Date"] = format_datetime(machine_now())
    mail["Message-ID"] = f"<{sha256(key.encode()).hexdigest()[:40]}@{_domain(settings)}>"
    # Holiday messages should not answer a machine (RFC 3834).
    mail["Auto-Submitted"] = "auto-generated"
    if letter.stop_url:
        mail["List-Unsubscribe"] = f"<{letter.stop_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(written.text, cte="quoted-printable")
    mail.add_alternative(written.html, subtype="html", cte="quoted-printable")
    for attachment in letter.attachments:
        mail.add_attachment(attachment.content, subtype=attachment.subtype, filename=attachment.name)
    # Last, because each new part takes such a header along as its own.
    mail["Content-Language"] = letter.language
    return mail


# Rules for dark screens and phones cannot be inlined, so the style element stays beside what was inlined.
_INLINER: Final = css_inline.CSSInliner(keep_style_tags=True, load_remote_stylesheets=False)


def _template(language: Language, medium: str, kind: str) -> Template:
    return _environment(language, medium).get_template(template_of(kind))


@lru_cache
def _environment(language: Language, medium: str) -> Environment:
    # A mail loads nothing from us: opening it must not tell us that it was opened.
    return environment(language, Assets({})).overlay(autoescape=medium == "html")


def _tidy(text: str) -> str:
    """Return the text without space at the ends of lines, and with at most one empty line in between."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _domain(settings: Settings) -> str:
    """Return whose mail it is: the domain of MAIL_FROM."""
    address = parseaddr(settings.mail_from)[1]
    return address.partition("@")[2] or str(urlsplit(settings.base_url).hostname)
