"""The errors an API call can end in, shaped as Stripe shapes them."""

from http import HTTPStatus

from payments.sandbox.documents import Json

DOCS = "https://stripe.com/docs/error-codes/"


class ApiError(Exception):
    """A refused call. `status` is the HTTP status, `body` the whole JSON answer.

    What the operation had changed is rolled back; only CardRefused keeps its changes.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = HTTPStatus.BAD_REQUEST,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        extra: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = int(status)
        error: Json = {"type": kind, "message": message}
        if code is not None:
            error |= {"code": code, "doc_url": DOCS + code.replace("_", "-")}
        if param is not None:
            error["param"] = param
        self.body: Json = {"error": error | (extra or {})}


class CardRefused(ApiError):
    """The card was declined: the attempt itself is kept (a failed charge, the intent's last error)."""

    def __init__(self, error: Json, *, intent: Json) -> None:
        super().__init__(
            error["message"],
            status=HTTPStatus.PAYMENT_REQUIRED,
            kind="card_error",
            code=error["code"],
            extra={key: value for key, value in error.items() if value is not None} | {intent["object"]: intent},
        )


class InvalidParameters(ApiError):
    """The parameters fail validation, so no operation began and no idempotent result is saved."""


def missing(kind: str, identifier: str, *, param: str, in_path: bool = False) -> ApiError:
    """No such object: 404 when the address names it, 400 when a parameter does."""
    status = HTTPStatus.NOT_FOUND if in_path else HTTPStatus.BAD_REQUEST
    return ApiError(f"No such {kind}: '{identifier}'", status=status, code="resource_missing", param=param)
