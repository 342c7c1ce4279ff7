"""What a reader of a source is given: clock, fetch, and what is held already."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from moneygood.collectors.sources import Source
from moneygood.collectors.web.http import Response
from moneygood.collectors.web.masking import masked
from moneygood.errors import ParseError
from moneygood.records import Validator

P = ParamSpec("P")
T = TypeVar("T")
_MAX_LOCAL = 100_000_000


class Get(Protocol):
    """One polite GET on behalf of one source.

    Robots, rate, retries, contact and address checks are settled already. Raises
    FetchError. With ``validator`` an unchanged address answers 304, body empty.
    """

    def __call__(
        self,
        url: str,
        *,
        validator: Validator | None = ...,
        headers: Mapping[str, str] = ...,
    ) -> Response: ...


class Parse(Protocol):
    """Runs a parser on bytes nobody vouches for, possibly in a worker that can be killed.

    The function is importable and its arguments and result can be pickled.
    Raises ParseError when it takes too long or too much memory.
    """

    def __call__(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T: ...


def parse_here(function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
    """Call the parser in this process, without limits."""
    return function(*arguments, **named)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to one source.

    now         when things count as first seen (UTC)
    get         polite fetch for this source
    held        uid of each document held from this source -> hashes of its versions
    validators  address -> validator kept at the last visit
    since       nothing published earlier is wanted
    keys        API keys by service name (``fred``, ``tiingo``)
    parse       how parsers are run
    """

    now: datetime
    get: Get
    held: Mapping[str, frozenset[str]] = field(default_factory=dict)
    validators: Mapping[str, Validator] = field(default_factory=dict)
    since: datetime | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    parse: Parse = parse_here

    def address(self, source: Source) -> str:
        """The source's address today, or its path."""
        return source.path or source.url.replace("{year}", str(self.now.year))

    def open(self, source: Source) -> Response:
        """The source's own address or file; unchanged since the last visit: status 304."""
        if source.path:
            return Response(source.path, 200, local_bytes(Path(source.path)))
        url = self.address(source)
        return self.get(url, validator=self.validator(url))

    def validator(self, url: str) -> Validator | None:
        """What was kept of ``url`` at an earlier visit."""
        return self.validators.get(masked(url))


def validators_of(url: str, answer: Response) -> tuple[Validator, ...]:
    """What to keep so that the next visit can ask whether ``url`` changed.

    Only for an answer of which nothing was lost: where the next visit is to find
    what this one could not read, an unchanged answer would hide it. It is kept
    under the address without keys and passwords.
    """
    if not (answer.etag or answer.last_modified):
        return ()
    return (Validator(masked(url), answer.etag, answer.last_modified),)


def local_bytes(path: Path) -> bytes:
    """A local file named by a source. Raises ParseError with the remedy."""
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_LOCAL + 1)
    except OSError as error:
        reason = f"cannot be read ({error.strerror or error})"
        raise ParseError(str(path), reason, "Check the path in the sources file.") from error
    if len(data) > _MAX_LOCAL:
        raise ParseError(str(path), "larger than 100 MB", "Split the file.")
    return data
