"""Handing mail to a real server over TLS, whose certificate is checked."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import pytest
import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from frontend import smtp
from tests.stack import free_port

HOST = "127.0.0.1"
NAME, PASSWORD = "loket", "a word"


class _Kept:
    """What the server was given."""

    def __init__(self) -> None:
        self.letters: list[bytes] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.letters.append(envelope.original_content or b"")
        return "250 kept"


def _knows(_server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, given: object) -> AuthResult:
    is_right = isinstance(given, LoginPassword) and (given.login, given.password) == (NAME.encode(), PASSWORD.encode())
    assert mechanism in {"LOGIN", "PLAIN"}
    return AuthResult(success=is_right, handled=False)


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Whoever signs the server's certificate, trusted by this test."""
    signer = trustme.CA()
    signer.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    return signer


@contextmanager
def _serving(signer: trustme.CA, *, from_the_first_byte: bool) -> Iterator[tuple[_Kept, int]]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    signer.issue_cert(HOST).configure_cert(context)
    kept, port = _Kept(), free_port()
    if from_the_first_byte:
        controller = Controller(kept, hostname=HOST, port=port, ssl_context=context)
    else:
        controller = Controller(
            kept,
            hostname=HOST,
            port=port,
            tls_context=context,
            require_starttls=True,
            authenticator=_knows,
            auth_required=True,
        )
    controller.start()
    try:
        yield kept, port
    finally:
        controller.stop()


def _letter() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = "loket@voorbeeld.example", "noor@voorbeeld.example", "Dank je"
    letter.set_content("Je bijdrage telt mee.")
    return letter


@pytest.mark.parametrize(
    ("from_the_first_byte", "url"),
    [(True, "smtps://127.0.0.1:{port}"), (False, "smtp://loket:a%20word@127.0.0.1:{port}?starttls=yes")],
)
def test_a_letter_goes_out_encrypted(authority: trustme.CA, from_the_first_byte: bool, url: str) -> None:  # noqa: FBT001  a parameter of the test
    with _serving(authority, from_the_first_byte=from_the_first_byte) as (kept, port):
        smtp.send(_letter(), url.format(port=port))

    assert len(kept.letters) == 1
    assert b"Je bijdrage telt mee." in kept.letters[0]


def test_nothing_is_said_to_a_server_that_cannot_show_who_it_is(authority: trustme.CA) -> None:
    del authority
    stranger = trustme.CA()
    with (
        _serving(stranger, from_the_first_byte=True) as (kept, port),
        pytest.raises(ssl.SSLCertVerificationError),
    ):
        smtp.send(_letter(), f"smtps://127.0.0.1:{port}")

    assert kept.letters == []
