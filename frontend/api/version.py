"""Which API this is. The major version stands in the address, the whole of it in every answer."""

from typing import Final

PREFIX: Final = "/api/v1"
VERSION: Final = "1.0.0"
