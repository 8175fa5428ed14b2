"""The bytes of a text file that somebody kept, as text."""

import codecs


class NotText(Exception):
    """These bytes are no text."""


def decoded(content: bytes) -> str:
    """Return the text of a file: UTF-8 with or without a mark, UTF-16 with one, else Windows-1252. Raises NotText.

    Line endings stay as they are. Five bytes mean nothing in Windows-1252; they are shown as such instead of losing
    the file.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError as error:
            raise NotText from error
    if b"\0" in content:
        raise NotText
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
