"""Moneygood: narratives about AI spending, and whether Treasury yields agree.

>>> from moneygood import get_index, get_series  # doctest: +SKIP
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["MoneygoodError", "__version__", "get_index", "get_series"]

if TYPE_CHECKING:
    from moneygood.api import get_index, get_series
    from moneygood.errors import MoneygoodError


def __getattr__(name: str) -> Any:
    """Load the public functions on first use, so that the import stays light."""
    if name in {"get_index", "get_series"}:
        from moneygood import api

        return getattr(api, name)
    if name == "MoneygoodError":
        from moneygood.errors import MoneygoodError

        return MoneygoodError
    raise AttributeError(f"module 'moneygood' has no attribute {name!r}")
