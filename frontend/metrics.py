"""What Prometheus may count: requests by route and status, and how long they took.

With PROMETHEUS_MULTIPROC_DIR set, the library keeps its numbers in files of that folder and any process can
answer for all. It decides so when it is imported, which is why that setting has the library's own name.
"""

import os
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector

# Seconds. A page should take tens of milliseconds; above a second somebody is waiting.
_BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

REQUESTS: Final = Counter("buurtloket_requests", "Answered requests", ("method", "route", "status"))
SECONDS: Final = Histogram("buurtloket_request_seconds", "Seconds until the answer", ("route",), buckets=_BUCKETS)

CONTENT_TYPE: Final = CONTENT_TYPE_LATEST


def exposition(folder: str) -> bytes:
    """Return every number as Prometheus reads it; of all processes that share `folder`, or of this one without."""
    if not folder:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    os.makedirs(folder, exist_ok=True)  # noqa: PTH103  the collector wants text anyway
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]  # the library has no types here
    return generate_latest(registry)
