"""The bundle's files, held in memory, compressed once: their names change with their content, so they may be kept."""

import gzip
import mimetypes
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from starlette.types import Receive, Scope, Send

_KEEP: Final = b"public, max-age=31536000, immutable"
# These are compressed already.
_PACKED: Final = (".woff2", ".webp", ".avif", ".png", ".jpg")


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    packed: bytes | None
    kind: bytes
    etag: bytes


class StaticFiles:
    """Serves the files below `folder`, as they were when the process started."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            "/" + path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.is_file() and path.name != "manifest.json"
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer GET and HEAD for a known file, 304 when the browser has it, 404 or 405 otherwise."""
        del receive
        file = self._files.get(scope["path"].removeprefix(scope.get("root_path", "")))
        if scope["method"] not in {"GET", "HEAD"} or file is None:
            await _answer(send, 404 if file is None else 405, [(b"allow", b"GET, HEAD")] if file else [], b"")
            return
        given = dict(scope["headers"])
        headers = [(b"cache-control", _KEEP), (b"etag", file.etag), (b"vary", b"Accept-Encoding")]
        if file.etag in given.get(b"if-none-match", b""):
            await _answer(send, 304, headers, b"")
            return
        body = file.body
        if file.packed is not None and b"gzip" in given.get(b"accept-encoding", b""):
            body = file.packed
            headers.append((b"content-encoding", b"gzip"))
        headers += [(b"content-type", file.kind), (b"content-length", str(len(body)).encode())]
        await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else body)


def _read(path: Path) -> _File:
    body = path.read_bytes()
    kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    if path.suffix == ".woff2":
        kind = "font/woff2"
    text = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    packed = None if path.suffix in _PACKED else gzip.compress(body, compresslevel=9, mtime=0)
    etag = f'"{blake2b(body, digest_size=9).hexdigest()}"'
    return _File(body=body, packed=packed, kind=text.encode(), etag=etag.encode())


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
