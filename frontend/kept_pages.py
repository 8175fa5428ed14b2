"""Pages that were written before, by what they are made of: writing one costs more than all the rest of an answer."""

from collections import OrderedDict
from threading import Lock


class KeptPages:
    """The `most` pages that were asked for last. Nothing in it can be out of date: a changed page has another tag."""

    def __init__(self, *, most: int) -> None:
        self._most = most
        self._pages: OrderedDict[str, bytes] = OrderedDict()
        # Doors run in threads, and moving an entry is two steps.
        self._lock = Lock()

    def get(self, tag: str) -> bytes | None:
        """Return the page with this tag, if it is still here."""
        with self._lock:
            page = self._pages.get(tag)
            if page is not None:
                self._pages.move_to_end(tag)
            return page

    def keep(self, tag: str, page: bytes) -> None:
        """Remember a page, and forget the one that nobody asked for the longest."""
        with self._lock:
            self._pages[tag] = page
            self._pages.move_to_end(tag)
            while len(self._pages) > self._most:
                self._pages.popitem(last=False)
