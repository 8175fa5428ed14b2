"""What stands in the message with a sign-in link, derived as the worker derives it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update

from crowd.accounts.models import SignInLink
from tests.journeys.conftest import Served
from tests.visitor import Visitor


def newest_link_id(served: Served, email: str) -> UUID:
    """The last link asked for this address."""
    with served.database.reading() as session:
        statement = select(SignInLink.id).where(SignInLink.email == email).order_by(SignInLink.created_at.desc())
        return session.scalars(statement).first() or UUID(int=0)


def link_path(served: Served, email: str) -> str:
    """The path behind the button in the message."""
    return f"/inloggen/{served.web.keys.sign_in_token(newest_link_id(served, email))}"


def code(served: Served, email: str) -> str:
    """The code in the message."""
    return served.web.keys.sign_in_code(newest_link_id(served, email))


def let_link_end(served: Served, email: str, *, at: datetime) -> None:
    """Move the end of the link to `at`."""
    with served.database.transaction() as session:
        session.execute(update(SignInLink).where(SignInLink.email == email).values(expires_at=at))


def ask(visitor: Visitor, email: str, *, volgende: str = "") -> None:
    """Ask for a link, as far as the page that waits for the code."""
    visitor.get("/inloggen")
    answer = visitor.send("/inloggen", email=email, volgende=volgende)
    assert answer.status_code == 303, answer.text
    visitor.follow(answer)


def sign_in(served: Served, visitor: Visitor, email: str) -> None:
    """Sign this visitor in with a link."""
    ask(visitor, email)
    path = link_path(served, email)
    visitor.get(path)
    answer = visitor.send(path)
    assert answer.status_code == 303, answer.text
    visitor.follow(answer)
