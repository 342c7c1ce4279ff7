"""Alerts: what is firing, how each rule stands, and the rules themselves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from moneygood.records import AlertState
from moneygood.ui import parts, queries
from moneygood.ui.marks import escape
from moneygood.ui.names import STATES, pretty, title
from moneygood.ui.shape import alert_changes, between, latest_alerts
from moneygood.ui.words import day_words, figure, humanise, rule_title

ORDER = [str(state) for state in STATES]


def show() -> None:
    """Draw the page."""
    start, end = parts.period()
    st.markdown("## Alerts")
    alerts = queries.alerts()
    alerts = alerts[alerts["day"] <= pd.Timestamp(end)]
    if alerts.empty:
        parts.empty(f"No rule has been checked by {day_words(end)}. `moneygood run` checks them.")
    else:
        _states(latest_alerts(alerts))
        _history(between(alert_changes(alerts), start, end, "day"))
    _rules()


def _states(rows: pd.DataFrame) -> None:
    rank = rows["state"].map({s: i for i, s in enumerate(ORDER)}).fillna(len(ORDER))
    rows = rows.assign(rank=rank).sort_values(["rank", "rule"], kind="stable")
    firing = int((rows["state"] == AlertState.FIRING).sum())
    said = "None is firing" if not firing else f"{firing} firing"
    st.markdown(f"{said}, of {len(rows)} rule{'s' * (len(rows) != 1)}.")
    for _, row in rows.iterrows():
        with st.container(border=True):
            _state(row)


def _state(row: pd.Series[Any]) -> None:
    st.markdown(f"{parts.state_badge(row['state'])} **{escape(rule_title(row['rule']))}**")
    if row["summary"]:
        st.markdown(escape(humanise(row["summary"])))
    facts = [f"checked {day_words(row['day'].date())}"]
    if pd.notna(row["since"]):
        facts.insert(0, f"since {day_words(row['since'].date())}")
    if pd.notna(row["value"]):
        facts.insert(0, f"value {figure(float(row['value']))}")
    facts += [f"{pretty(k).lower()}: {_label(v)}" for k, v in sorted(row["labels"].items())]
    st.caption(" · ".join(escape(f) for f in facts))
    if row["evidence"]:
        with st.expander("Evidence"):
            st.markdown("\n".join(f"- {escape(humanise(str(item)))}" for item in row["evidence"]))


def _label(value: object) -> str:
    text = str(value)
    known = text in queries.narratives() or (text.startswith("y") and text[1:].isdigit())
    return title(text) if known else text


def _history(rows: pd.DataFrame) -> None:
    st.markdown("##### Changes of state")
    if rows.empty:
        parts.empty("No rule changed its state in this period.")
        return
    names = {str(state): name for state, (name, _) in STATES.items()}
    table = pd.DataFrame(
        {
            "Date": rows["day"].dt.date,
            "Rule": rows["rule"].map(rule_title),
            "From": rows["before"].map(lambda s: names.get(s, pretty(s))),
            "To": rows["state"].map(lambda s: names.get(s, s)),
            "Value": [figure(float(v)) if pd.notna(v) else "" for v in rows["value"]],
            "Summary": rows["summary"].map(humanise),
        }
    )
    st.dataframe(
        table,
        hide_index=True,
        column_config={
            "Date": st.column_config.DateColumn(format="D MMM YYYY"),
            "Summary": st.column_config.TextColumn(width="large"),
        },
        alt="Days on which a rule changed its state",
    )
    parts.download(table, "alerts", "Changes as CSV")


def _rules() -> None:
    found = queries.rules_file()
    st.markdown("##### The rules")
    if found is None:
        parts.empty("The rule file cannot be read; `moneygood alerts --check` says why.")
        return
    path, text = found
    st.caption(
        f"Read-only, from {escape(path.name)}. "
        "`moneygood alerts --check --rules FILE` tests one of your own."
    )
    with st.expander("Show the rule file"):
        st.code(text, language="yaml", wrap_lines=True)


if __name__ == "__main__":
    show()
