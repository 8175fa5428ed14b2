"""A shift as a calendar entry (RFC 5545): the same UID for the same placement, so a change replaces what was there."""

from datetime import datetime
from typing import Final
from uuid import UUID

from icalendar import Calendar, Event

from crowd.shared.clock import AMSTERDAM
from frontend.letters import Attachment

_PRODUCT: Final = "-//Buurtloket//Shifts//EN"


def entry(
    *,
    placement_id: UUID,
    domain: str,
    title: str,
    place: str,
    url: str,
    starts_at: datetime,
    ends_at: datetime,
    changed_at: datetime,
    is_cancelled: bool = False,
) -> Attachment:
    """Return the file that puts a shift in a calendar, or with `is_cancelled` takes it out again."""
    event = Event()
    event.add("uid", f"placement-{placement_id}@{domain}")
    event.add("dtstamp", changed_at)
    event.add("sequence", 1 if is_cancelled else 0)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("summary", title)
    event.add("dtstart", starts_at.astimezone(AMSTERDAM))
    event.add("dtend", ends_at.astimezone(AMSTERDAM))
    if place:
        event.add("location", place)
    event.add("url", url)
    calendar = Calendar()
    calendar.add("prodid", _PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "CANCEL" if is_cancelled else "PUBLISH")
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return Attachment(name="buurtloket.ics", subtype="calendar", content=calendar.to_ical().decode())
