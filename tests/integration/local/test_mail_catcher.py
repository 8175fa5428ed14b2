"""The mail catcher as a process: SMTP in, pages and JSON out, nothing lost to kill -9."""

import http.client
import json
import os
import signal
import smtplib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from frontend.local.plan import answers
from frontend.local.processes import Child, Program, wait_until
from tests.stack import ROOT, free_port


@dataclass
class Catcher:
    """The process and its two doors."""

    folder: Path
    smtp_port: int
    http_port: int
    child: Child

    def send(self, message: EmailMessage) -> None:
        with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=5, local_hostname="localhost") as smtp:
            smtp.send_message(message)

    def get(self, path: str, host: str = "127.0.0.1") -> tuple[int, dict[str, str], str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.http_port, timeout=5)
        connection.request("GET", path, headers={"Host": host, "Accept-Language": "en"})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.headers.items()}, text


def _start(folder: Path, smtp_port: int, http_port: int) -> Child:
    settings = {
        "MAIL_DATA": str(folder),
        "MAIL_SMTP_PORT": str(smtp_port),
        "MAIL_HTTP_PORT": str(http_port),
    }
    program = Program(
        name="mail", argv=(sys.executable, "-m", "frontend.local.mail"), env=settings, cwd=ROOT, patience=3.0
    )
    child = Child(program)
    wait_until(answers(http_port, "/health/ready"), child)
    return child


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    smtp_port, http_port = free_port(), free_port()
    running = Catcher(tmp_path, smtp_port, http_port, _start(tmp_path, smtp_port, http_port))
    yield running
    running.child.stop()


def _letter() -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Bevestig uw e-mailadres"
    message["From"] = "loket@buurtloket.example"
    message["To"] = "sanne@voorbeeld.example"
    message.set_content("Klik: http://127.0.0.1:8000/in/abc")
    message.add_alternative("<p>Klik</p><script>alert(1)</script>", subtype="html")
    message.add_attachment(b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="dienst.ics")
    return message


def test_mail_is_listed_for_programs_whole_and_survives_a_kill(catcher: Catcher) -> None:
    catcher.send(_letter())
    os.kill(catcher.child.process.pid, signal.SIGKILL)
    catcher.child.process.wait()
    catcher.child = _start(catcher.folder, catcher.smtp_port, catcher.http_port)

    _, _, text = catcher.get("/api/messages?to=Sanne@voorbeeld.example")

    (message,) = json.loads(text)["messages"]
    assert message["subject"] == "Bevestig uw e-mailadres"
    assert message["links"] == ["http://127.0.0.1:8000/in/abc"]
    assert message["attachments"][0]["name"] == "dienst.ics"
    assert json.loads(catcher.get("/api/messages?to=other@voorbeeld.example")[2]) == {"messages": []}


def test_pages_show_mail_without_letting_it_run_anything(catcher: Catcher) -> None:
    catcher.send(_letter())

    _, _, listed = catcher.get("/?to=sanne")
    _, headers, shown = catcher.get("/messages/1")
    _, frame, body = catcher.get("/messages/1/html")
    _, download, calendar = catcher.get("/messages/1/attachments/0")

    assert "Bevestig uw e-mailadres" in listed
    assert "All messages" in listed
    assert "default-src 'none'" in headers["content-security-policy"]
    assert 'href="http://127.0.0.1:8000/in/abc"' in shown
    assert "<script>" not in shown
    assert " sandbox " in frame["content-security-policy"]
    assert "script-src" not in frame["content-security-policy"]
    assert "<script>" in body
    assert download["content-disposition"].startswith("attachment")
    assert calendar == "BEGIN:VCALENDAR"
    assert catcher.get("/messages/99")[0] == 404


def test_a_name_that_points_here_from_elsewhere_is_refused(catcher: Catcher) -> None:
    assert catcher.get("/", host="rebound.example")[0] == 400
