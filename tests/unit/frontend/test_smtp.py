"""SMTP_URL as an operator writes it."""

import pytest

from crowd.shared.settings import WrongSetting
from frontend.smtp import MailServer


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://mail.example", ("mail.example", 25, False, False, "", "")),
        ("smtp://127.0.0.1:2525", ("127.0.0.1", 2525, False, False, "", "")),
        (
            "smtps://loket%40example.nl:p%2Fw@mail.example",
            ("mail.example", 465, True, False, "loket@example.nl", "p/w"),
        ),
        ("smtp://user:word@mail.example:587?starttls=yes", ("mail.example", 587, False, True, "user", "word")),
        ("smtp://mail.example?starttls=no", ("mail.example", 25, False, False, "", "")),
    ],
)
def test_a_mail_server_is_read_from_its_url(url: str, expected: tuple[object, ...]) -> None:
    server = MailServer.at(url)

    assert (server.host, server.port, server.tls, server.starttls, server.user, server.password) == expected


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example",
        "http://mail.example",
        "smtp://",
        "smtp://mail.example:port",
        "smtp://mail.example:99999",
        "smtp://mail.example?starttls=maybe",
        "smtp://mail.example?tls=yes",
        "smtps://mail.example?starttls=yes",
    ],
)
def test_what_cannot_be_a_mail_server_is_refused_by_name(url: str) -> None:
    with pytest.raises(WrongSetting, match="SMTP_URL"):
        MailServer.at(url)


def test_the_password_is_never_shown() -> None:
    assert "secret-word" not in repr(MailServer.at("smtp://user:secret-word@mail.example"))
