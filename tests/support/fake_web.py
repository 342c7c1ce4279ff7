"""A fake ``get``: answers by address, remembers what was asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from moneygood.collectors.web.http import Response
from moneygood.errors import FetchError
from moneygood.records import Validator

Answer = bytes | str | Response | FetchError | Callable[[str], bytes | str]


class FakeWeb:
    """Pages by a part of their address, the first that fits; any other is a 404."""

    def __init__(self, pages: Mapping[str, Answer]) -> None:
        self.pages = dict(pages)
        self.asked: list[str] = []
        self.validators: list[Validator | None] = []

    def __call__(
        self,
        url: str,
        *,
        validator: Validator | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
    ) -> Response:
        self.asked.append(url)
        self.validators.append(validator)
        for part, answer in self.pages.items():
            if part in url:
                return self._answer(url, answer, validator)
        raise FetchError(url, "the server answered 404", "The address has moved.")

    def _answer(self, url: str, answer: Answer, validator: Validator | None) -> Response:
        if isinstance(answer, FetchError):
            raise answer
        if isinstance(answer, Response):
            if validator is not None and answer.etag and validator.etag == answer.etag:
                return Response(url, 304, b"", answer.headers)
            return Response(url, answer.status, answer.body, answer.headers)
        body = answer(url) if callable(answer) else answer
        return Response(url, 200, body.encode() if isinstance(body, str) else body)


def tagged(body: bytes | str, etag: str) -> Response:
    """An answer that is unchanged for whoever hands ``etag`` back."""
    data = body.encode() if isinstance(body, str) else body
    return Response("", 200, data, {"etag": etag})
