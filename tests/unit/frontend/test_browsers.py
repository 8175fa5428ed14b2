"""What a browser is called on the page of its owner."""

import pytest

from frontend.browsers import browser_name

_MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)"
_WINDOWS = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (f"{_MAC} Version/26.0 Safari/605.1.15", "Safari, Mac"),
        (f"{_WINDOWS} Chrome/150.0 Safari/537.36", "Chrome, Windows"),
        (f"{_WINDOWS} Chrome/150.0 Safari/537.36 Edg/150.0", "Edge, Windows"),
        ("Mozilla/5.0 (Android 16; Mobile) Gecko/150.0 Firefox/150.0", "Firefox, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 20_0 like Mac OS X) CriOS/150.0 Safari/604.1", "Chrome, iPhone"),
        ("", ""),
        ("curl/9.0", ""),
    ],
)
def test_a_browser_is_named_as_its_owner_knows_it(user_agent: str, name: str) -> None:
    assert browser_name(user_agent) == name
