"""What a fetch can fail with, told apart where that decides what is done next."""

from __future__ import annotations

from moneygood.errors import FetchError


class StatusError(FetchError):
    """The server answered with an error status.

    status       such as 404 or 503
    retry_after  the Retry-After header as sent, or empty
    """

    status: int = 0
    retry_after: str = ""


class UnreachableError(FetchError):
    """No complete answer: no connection, cut off, too slow. Another try may do."""


class LaterError(FetchError):
    """The host is not to be asked now: it wants a pause, or its robots.txt cannot be read."""


def passing(error: Exception) -> bool:
    """Whether a later visit may fare better."""
    if isinstance(error, StatusError):
        return error.status in (408, 425, 429) or error.status >= 500
    return isinstance(error, UnreachableError | LaterError)
