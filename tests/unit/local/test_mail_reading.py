"""What a person and a program get to see of a caught e-mail."""

from email.message import EmailMessage

from frontend.local.mail.reading import read_letter


def _message(*, html: str | None = None, text: str = "Dag Sanne") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Café én fiets"
    message["From"] = "Buurtloket <loket@buurtloket.example>"
    message.set_content(text)
    if html is not None:
        message.add_alternative(html, subtype="html")
    return message


def test_links_are_found_in_text_and_html_without_the_full_stop_after_them() -> None:
    message = _message(
        text="Ga naar http://127.0.0.1:8000/in?a=1&b=2.",
        html='<a href="http://127.0.0.1:8000/in?a=1&amp;b=2">in</a> <a href="http://127.0.0.1:8000/uit">uit</a>',
    )

    letter = read_letter(bytes(message))

    assert letter.links == ["http://127.0.0.1:8000/in?a=1&b=2", "http://127.0.0.1:8000/uit"]


def test_text_is_escaped_and_only_its_links_become_markup() -> None:
    letter = read_letter(bytes(_message(text='<script>alert(1)</script> http://x.example/"onclick=1')))

    shown = str(letter.text_with_links)

    assert "<script>" not in shown
    assert '<a href="http://x.example/" target="_blank" rel="noopener">' in shown


def test_attachments_come_with_their_name_and_content() -> None:
    message = _message()
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="dienst.ics")

    (attachment,) = read_letter(bytes(message)).attachments

    assert (attachment.name, attachment.content_type) == ("dienst.ics", "text/calendar")
    assert attachment.content == b"BEGIN:VCALENDAR"


def test_a_broken_message_is_shown_as_far_as_it_goes() -> None:
    letter = read_letter(b"Subject: kapot\r\nContent-Type: text/plain; charset=nergens\r\n\r\n\xff\xfehallo")

    assert letter.subject == "kapot"
    assert "hallo" in letter.text
