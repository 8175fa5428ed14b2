"""Secrets and their traces: tokens, codes, signatures, cookies, and the headers that keep a browser strict.

Everything is derived from the one SECRET_KEY with a purpose beside it, so that what signs a form can never be
mistaken for what opens a session.
"""

import base64
import hmac
import secrets
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final
from uuid import UUID

from crowd.shared.settings import Settings

# Without 0 O 1 I L U: nobody should have to guess which one an e-mail shows.
CODE_ALPHABET: Final = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH: Final = 8
_SALT_BYTES: Final = 9
_TAG_BYTES: Final = 24


class Keys:
    """What SECRET_KEY can do: derive a value for a purpose, and sign and check what a browser holds for us."""

    def __init__(self, secret_key: str) -> None:
        self._root = secret_key.encode()
        self._derived: dict[str, bytes] = {}

    def derive(self, purpose: str, *parts: bytes) -> bytes:
        """Return 32 bytes that only this installation can compute, for one purpose and these parts."""
        key = self._derived.get(purpose)
        if key is None:
            key = self._derived[purpose] = hmac.digest(self._root, purpose.encode(), "sha256")
        # Lengths keep ("ab", "c") apart from ("a", "bc").
        message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(key, message, "sha256")

    def sign_in_token(self, link_id: UUID) -> str:
        """Return the secret in the address of a sign-in link. Derived, so the outbox needs to hold only the id."""
        return _text(self.derive("sign-in link", link_id.bytes))

    def sign_in_code(self, link_id: UUID) -> str:
        """Return the code beside a sign-in link: eight characters, of 6.5e11 possibilities."""
        number = int.from_bytes(self.derive("sign-in code", link_id.bytes), "big")
        letters = []
        for _ in range(CODE_LENGTH):
            number, place = divmod(number, len(CODE_ALPHABET))
            letters.append(CODE_ALPHABET[place])
        return "".join(letters)

    def code_hash(self, *, browser: str, code: str) -> bytes:
        """Return what is stored of a code: keyed, because a code is short enough to try them all."""
        return self.derive("sign-in code hash", browser.encode(), code.encode())

    def form_token(self, browser: str) -> str:
        """Return the hidden value of a form for this browser; a new one each time, valid as long as its cookie.

        The salt makes each token different, so that compression of a page leaks nothing of it (BREACH).
        """
        salt = secrets.token_bytes(_SALT_BYTES)
        return _text(salt + self.derive("form", salt, browser.encode())[:_TAG_BYTES])

    def accepts_form_token(self, token: str, *, browser: str) -> bool:
        """Whether `token` was made by `form_token` for this browser."""
        raw = _bytes(token)
        if raw is None or len(raw) != _SALT_BYTES + _TAG_BYTES or not browser:
            return False
        salt, tag = raw[:_SALT_BYTES], raw[_SALT_BYTES:]
        return hmac.compare_digest(tag, self.derive("form", salt, browser.encode())[:_TAG_BYTES])

    def seal(self, purpose: str, payload: bytes) -> str:
        """Return `payload` as text that a browser may carry and read, but not change."""
        return _text(self.derive(purpose, payload)[:_TAG_BYTES] + payload)

    def unseal(self, purpose: str, sealed: str) -> bytes | None:
        """Return the payload that `seal` was given for this purpose, or None when anything was changed."""
        raw = _bytes(sealed)
        if raw is None or len(raw) < _TAG_BYTES:
            return None
        tag, payload = raw[:_TAG_BYTES], raw[_TAG_BYTES:]
        return payload if hmac.compare_digest(tag, self.derive(purpose, payload)[:_TAG_BYTES]) else None


def new_token() -> str:
    """Return a fresh secret of 256 bits, for a cookie."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return what is stored of a long random token: whoever reads the table cannot use it."""
    return sha256(token.encode()).digest()


def typed_code(text: str) -> str:
    """Return a code as it was typed, without spaces and hyphens and in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def shown_code(code: str) -> str:
    """Return a code as people read it aloud: "ABCD-EFGH"."""
    return f"{code[:4]}-{code[4:]}"


def is_https(settings: Settings) -> bool:
    """Whether people reach us over TLS; then cookies and headers insist on it."""
    return settings.base_url.startswith("https://")


@lru_cache(maxsize=8)
def cookie_name(name: str, *, https: bool) -> str:
    """Return the name a cookie really has: over TLS with the prefix that no other (sub)domain can set."""
    return f"__Host-{name}" if https else name


def cookie_header(name: str, value: str, *, https: bool, seconds: int | None) -> tuple[bytes, bytes]:
    """Return the Set-Cookie header for one of our own cookies; `seconds` 0 removes it, None ends with the browser."""
    line = f"{cookie_name(name, https=https)}={value}; Path=/; HttpOnly; SameSite=Lax"
    if seconds is not None:
        line += f"; Max-Age={seconds}"
    return b"set-cookie", (line + ("; Secure" if https else "")).encode("ascii")


def security_headers(settings: Settings) -> Mapping[str, str]:
    """Return the headers of every answer: what a browser may load, frame, send and remember.

    Source: internet.nl's tests, and the budgets of docs/architecture.md. `form-action` names the provider's
    hosted pages because browsers apply it to the redirect after a POST as well.
    """
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "font-src": "'self'",
        "connect-src": "'self'",
        "manifest-src": "'self'",
        "form-action": f"'self' {settings.stripe_checkout_origin} {settings.stripe_connect_origin}",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {sources}" for name, sources in policy.items()),
        "referrer-policy": "same-origin",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    }
    if is_https(settings):
        headers["strict-transport-security"] = "max-age=31536000; includeSubDomains"
    return headers


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _bytes(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text.encode("ascii") + b"=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except ValueError:
        return None
    # Base64 has spare bits: only the spelling we made counts.
    return raw if _text(raw) == text else None
