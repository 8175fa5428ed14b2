"""What can go wrong at a call to the provider, as one value that a schedule draws beside the act it shall strike."""

from dataclasses import dataclass
from typing import Final

from hypothesis import strategies as st

from tests.schedules.mortal import Moment

FAULTS: Final = (
    "drop_after",
    "drop_after",
    "executed, then server_error",
    "drop_before",
    "server_error",
    "rate_limit",
)
CONFIRM: Final = "payment_intents.confirm"
# The confirmation moves money, so it meets most.
CALLS: Final = (
    *(CONFIRM,) * 8,
    "payment_intents.create",
    "payment_intents.cancel",
    "payment_intents.retrieve",
    "refunds.create",
    "refunds.create",
    "transfers.create",
    "checkout.sessions.*",
    "customers.create",
    "balance_transactions.list",
    "v2.core.*",
)
MEANWHILE: Final = (
    "the process dies",
    "the process dies",
    "the process dies",
    "the webhooks arrive",
    "the sweeps run",
    "another worker works",
    "a donor withdraws",
    "a donor uses the link",
    "three days pass",
)


@dataclass(frozen=True)
class Trouble:
    """A fault of the provider at the next `call`; or, with a `moment`, what happens at the `number`-th call to come."""

    what: str
    call: str = ""
    moment: Moment | None = None
    number: int = 0

    def __str__(self) -> str:
        if self.moment is None:
            return f"{self.what} at the next {self.call}"
        return f"{self.what}, {self.moment} call {self.number} from now"


_AT_PROVIDER = st.builds(Trouble, st.sampled_from(FAULTS), st.sampled_from(CALLS))
_ON_THE_WAY = st.builds(
    Trouble,
    st.sampled_from(MEANWHILE),
    moment=st.sampled_from(("after sending", "before sending")),
    number=st.integers(1, 4),
)
# When the first charge is about to be made: mostly at that very call.
TROUBLES_AT_CHARGE: Final = st.builds(Trouble, st.sampled_from(FAULTS), st.just(CONFIRM)) | _ON_THE_WAY
TROUBLES: Final = st.none() | st.none() | _AT_PROVIDER | _ON_THE_WAY
