"""Pages that were written before."""

from frontend.kept_pages import KeptPages


def test_a_page_is_the_one_with_its_tag_or_none() -> None:
    pages = KeptPages(most=2)
    pages.keep("a", b"first")
    assert pages.get("a") == b"first"
    assert pages.get("b") is None


def test_the_page_that_nobody_asked_for_the_longest_is_forgotten() -> None:
    pages = KeptPages(most=2)
    for tag in ("a", "b"):
        pages.keep(tag, tag.encode())
    pages.get("a")
    pages.keep("c", b"c")
    assert [pages.get(tag) for tag in ("a", "b", "c")] == [b"a", None, b"c"]
