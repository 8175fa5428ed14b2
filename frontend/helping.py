"""What happens to volunteers' placements by itself: what nobody answered ends, and what is over is over."""

from datetime import timedelta

from frontend.runtime import Runtime
from matching.placements import day_workflow, wave_workflow, workflow
from matching.placements.wave_operations import forget_invitations as forget


def expire_invitations(runtime: Runtime) -> None:
    """End every invitation, application and wait whose time to answer passed."""
    workflow.expire_invitations(runtime.database, runtime.clock)


def finish_shifts(runtime: Runtime) -> None:
    """Count everybody as having come, once their shift is over."""
    workflow.finish_shifts(runtime.database, runtime.clock)


def call_off_stopped(runtime: Runtime) -> None:
    """Call off the coming shifts of initiatives that stopped."""
    workflow.call_off_stopped(runtime.database, runtime.clock)


def ask_for_shifts(runtime: Runtime) -> None:
    """Ask the next best for every shift that people are being asked for."""
    wave_workflow.ask_for_shifts(runtime.database, runtime.clock)


def remind_helpers(runtime: Runtime) -> None:
    """Remind everybody whose shift is tomorrow."""
    day_workflow.remind_people(runtime.database, runtime.clock)


def thank_helpers(runtime: Runtime) -> None:
    """Thank everybody who helped yesterday."""
    day_workflow.thank_people(runtime.database, runtime.clock)


def forget_invitations(runtime: Runtime) -> None:
    """Forget who asked whom for which reasons, after its term."""
    kept = timedelta(days=runtime.settings.keep_invitations_days)
    with runtime.database.transaction() as session:
        forget(session, ended_before=runtime.clock.now(session) - kept)
