"""Files of other tools, on their way in: what the outbox remembers of them, and letting go of what nobody needs."""

from typing import Final
from uuid import UUID

from crowd.shared.clock import machine_now
from crowd.shared.outbox import Job
from frontend.runtime import Runtime
from matching.moving.operations import forget_imports
from matching.moving.workflow import take_in

ASKED: Final = "import.asked"


def take_in_file(runtime: Runtime, job: Job) -> None:
    """Handle one `import.asked` of the outbox."""
    take_in(
        runtime.database,
        runtime.clock,
        import_id=UUID(job.args["import_id"]),
        municipality_id=UUID(job.args["municipality_id"]),
    )


def forget_old_imports(runtime: Runtime) -> None:
    """Let go of files nobody went on with, and of old reports."""
    with runtime.database.transaction() as session:
        forget_imports(session, now=machine_now())
