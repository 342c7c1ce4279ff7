"""Where the dashboard is and what a page of it says."""

from __future__ import annotations

from pathlib import Path

from streamlit.testing.v1 import AppTest

import moneygood.ui.queries

APP = Path(moneygood.ui.queries.__file__).with_name("app.py")
PAGES = ("today", "narrative", "yields", "alerts", "sources")


def words(app: AppTest) -> str:
    """All Markdown, captions and titles on the page."""
    return "\n".join(str(e.value) for e in (*app.markdown, *app.caption, *app.title))
