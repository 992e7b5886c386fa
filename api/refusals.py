"""Refusals that only HTTP knows. The engine's own are in `cif_engine.errors`; both become problems in `problems`."""

from __future__ import annotations

from cif_engine.errors import CifError, UnavailableError


class MalformedJsonError(CifError):
    """The body is not JSON in UTF-8."""

    code = "malformed_json"
    family = "malformed"


class MalformedCsvError(CifError):
    """The body is not a CSV in UTF-8 whose first row names its columns."""

    code = "malformed_csv"
    family = "malformed"


class MalformedWorkbookError(CifError):
    """The body is not a workbook whose first sheet has a row that names its columns."""

    code = "malformed_workbook"
    family = "malformed"


class MalformedRequestError(CifError):
    """A header of the request is missing or cannot be read."""

    code = "malformed_request"
    family = "malformed"


class IdempotencyKeyMissingError(CifError):
    """A request that records a fact needs an `Idempotency-Key`."""

    code = "idempotency_key_missing"
    family = "malformed"


class IdempotencyKeyMalformedError(CifError):
    """An `Idempotency-Key` is 1 to 200 visible ASCII characters."""

    code = "idempotency_key_malformed"
    family = "malformed"


class KeyMissingError(CifError):
    """The request needs an API key: `Authorization: Bearer cif_...`."""

    code = "key_missing"
    family = "unauthenticated"


class KeyRefusedError(CifError):
    """The API key is unknown, expired or revoked."""

    code = "key_refused"
    family = "unauthenticated"


class ScopeMissingError(CifError):
    """The API key lacks the scope that this operation needs."""

    code = "scope_missing"
    family = "forbidden"


class BindingTooNarrowError(CifError):
    """The API key is bound too narrowly for this operation."""

    code = "binding_too_narrow"
    family = "forbidden"


class PathUnknownError(CifError):
    """There is nothing at this address."""

    code = "path_unknown"
    family = "not_found"


class MethodNotAllowedError(CifError):
    """The address does not take the method."""

    code = "method_not_allowed"
    family = "method"


class BodyTooLargeError(CifError):
    """The body is larger than the API reads."""

    code = "body_too_large"
    family = "too_large"


class MediaTypeError(CifError):
    """The body is of a kind that this operation does not read; every one reads `application/json`."""

    code = "unsupported_media_type"
    family = "media_type"


class IfMatchMissingError(CifError):
    """Changing a record needs `If-Match` with the ETag that was read."""

    code = "if_match_missing"
    family = "precondition"


class QueueFullError(UnavailableError):
    """Too many requests are waiting; send the same request again a little later."""

    code = "queue_full"


class InternalError(CifError):
    """The engine failed; the fault is on this side, and is in its log under the request id."""

    code = "internal_error"
    family = "internal"
