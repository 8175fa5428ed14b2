"""The link and the code to sign in with."""

from typing import Final

from sqlalchemy.orm import Session

from crowd.accounts import queries as accounts
from crowd.shared.clock import machine_now
from crowd.shared.outbox import Job, parse_id
from frontend import i18n
from frontend.letters import Letter
from frontend.mails.kinds import Mail
from frontend.runtime import Runtime
from frontend.security import shown_code, token_hash


def compose_link(runtime: Runtime, session: Session, job: Job) -> Letter | None:
    """Args: link_id. The secrets are derived from it, so they stand nowhere but in the mail."""
    link_id = parse_id(job.args["link_id"])
    token = runtime.keys.sign_in_token(link_id)
    link = accounts.open_link(session, token_hash=token_hash(token), now=machine_now())
    recipient = accounts.link_recipient(session, link_id=link_id)
    if link is None or recipient is None:
        return None
    return Letter(
        to=recipient[0],
        language=i18n.chosen(recipient[1]),
        facts={
            "url": f"{runtime.settings.base_url}/inloggen/{token}",
            "code": shown_code(runtime.keys.sign_in_code(link_id)),
            "expires_at": link.expires_at,
        },
    )


MAILS: Final = {"sign_in.link": Mail(compose_link)}
