"""The outside world as records: feeds, pages, calls, yields and prices.

Parsers are pure (bytes in, records out); only ``http`` opens a socket; the
clock is the ``now`` argument. What could not be read comes back as a
``Failure`` beside what could. Start reading at ``collect.py``.
"""
