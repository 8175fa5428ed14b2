"""The ledger as a file for an accountant: what the command and the treasurer's page share."""

from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from typing import Final

from crowd.municipalities.queries import MunicipalityFacts
from crowd.shared.clock import local_date
from frontend.runtime import Runtime
from payments.books.auditfile_rules import Heading
from payments.books.export_rules import Period
from payments.books.export_workflow import Exported, Format
from payments.books.export_workflow import export_ledger as export

MEDIA_TYPES: Final[dict[Format, str]] = {"xaf": "application/xml", "csv": "text/csv"}


def write_ledger(
    runtime: Runtime,
    *,
    municipality: MunicipalityFacts,
    period: Period,
    form: Format,
    now: datetime,
    write: Callable[[str], object],
) -> Exported:
    """Write the postings of `period` through `write`, piece by piece; return how many and their sum.

    Raises PeriodAcrossYears. `write` must not wait for a network.
    """
    heading = Heading(
        company=municipality.name,
        address=municipality.visiting_address,
        tax_number=runtime.settings.tax_number,
        period=period,
        created_on=local_date(now),
        version=version("buurtloket"),
    )
    return export(runtime.database, municipality_id=municipality.id, heading=heading, form=form, write=write)


def file_name(municipality: MunicipalityFacts, period: Period, form: Format) -> str:
    """Return what such a file is called."""
    return f"{municipality.slug}-{period.first.isoformat()}-{period.last.isoformat()}.{form}"
