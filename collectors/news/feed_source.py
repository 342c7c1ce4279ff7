"""A feed as a source: its entries and, where it says so, the pages they link to."""

from __future__ import annotations

import dataclasses

from moneygood.collectors.news.feeds import parse_feed
from moneygood.collectors.news.pages import follow_pages, newer
from moneygood.collectors.sources import Source
from moneygood.collectors.visit import Visit, validators_of
from moneygood.records import Collected


def read_feed(source: Source, visit: Visit) -> Collected:
    """The entries of a feed that are new or changed, pages followed."""
    answer = visit.open(source)
    if answer.status == 304:
        return Collected(source.name, unchanged=True)
    headers = dict(answer.headers)
    read = visit.parse(parse_feed, answer.body, source=source, now=visit.now, headers=headers)
    found = newer(read, visit)
    complete = not read.failures and len(found.documents) == len(read.documents)
    if source.follow:
        followed = follow_pages(found, source, visit)
        found, complete = followed.found, complete and followed.complete
    kept = validators_of(visit.address(source), answer) if complete else ()
    return dataclasses.replace(found, validators=kept)
