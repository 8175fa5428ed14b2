"""Which outbox kind becomes which mail. A new kind is one row in a `MAILS` of `frontend/mails` and one template.

What a mail says is read at the moment of sending, by id, so the outbox holds no personal data and nobody is
told what is no longer true. `docs/emails.md` shows how to add one.
"""

from typing import Final

from crowd.shared import outbox
from crowd.shared.log import logger
from crowd.shared.outbox import Job
from frontend import smtp
from frontend.letters import message
from frontend.mails import cancelling, grants, initiatives, near_misses, placements, pledges, sign_in
from frontend.mails.kinds import Mail
from frontend.runtime import Runtime

MAILS: Final[dict[str, Mail]] = {
    **sign_in.MAILS,
    **pledges.MAILS,
    **cancelling.MAILS,
    **initiatives.MAILS,
    **near_misses.MAILS,
    **grants.MAILS,
    **placements.MAILS,
}


def deliver(runtime: Runtime, job: Job) -> None:
    """Handle one job of a kind in `MAILS`: send its letter, or spread it over everyone it is for."""
    mail = MAILS[job.kind]
    if mail.spread is not None and _spread(runtime, job, mail):
        return
    with runtime.database.reading() as session:
        letter = mail.compose(runtime, session, job)
    # Whoever was served at the counter may have no address: they were given paper.
    if letter is None or not letter.to:
        logger().info("mail_not_needed", kind=job.kind, job_id=job.id)
        return
    written = message(job.kind, letter, key=job.dedupe_key, town=runtime.town.facts(), settings=runtime.settings)
    smtp.send(written, runtime.settings.smtp_url)


def _spread(runtime: Runtime, job: Job, mail: Mail) -> bool:
    """Add a job for each letter; False when this job is a letter itself."""
    with runtime.database.transaction() as session:
        parts = mail.spread(session, job) if mail.spread else None
        for kind in sorted({part.kind for part in parts or ()}):
            jobs = [(part.args, part.dedupe_key) for part in parts or () if part.kind == kind]
            outbox.add_many(session, kind=kind, jobs=jobs)
    return parts is not None
