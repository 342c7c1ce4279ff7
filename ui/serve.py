"""How the dashboard's server is started: a command and an environment.

The database is an argument of ``app.py``, the rule file travels in the
environment; what must hold from any working directory are flags; colours and the rest stand in
``.streamlit/config.toml`` beside ``app.py``, which Streamlit reads for it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

APP = Path(__file__).with_name("app.py")
DB_FLAG = "--db"
ADDRESS, PORT = "127.0.0.1", 8501


def dashboard_command(db: Path, *, port: int = PORT, address: str = ADDRESS) -> list[str]:
    """Arguments that start the server; run them with :func:`dashboard_environment`.

    On a loopback address only requests for this machine's own names are
    answered, so that a hostile page cannot reach the dashboard through its name.
    """
    flags = {
        "server.port": str(port),
        "server.address": address,
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        "client.showErrorDetails": "none",
    }
    if address in {"127.0.0.1", "localhost", "::1"}:
        flags["server.allowedHosts"] = "localhost"
    command = [sys.executable, "-m", "streamlit", "run", str(APP)]
    for name, value in flags.items():
        command += [f"--{name}", value]
    if "server.allowedHosts" in flags:
        command += ["--server.allowedHosts", "127.0.0.1"]
    return [*command, "--", DB_FLAG, str(db.resolve())]


def dashboard_environment(
    db: Path, *, rules: Path | None = None, base: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The environment the server needs: which database and which rule file."""
    values = dict(os.environ if base is None else base)
    values["MONEYGOOD_DB"] = str(db.resolve())
    values["STREAMLIT_BROWSER_GATHER_USAGE_STATS"] = "false"
    if rules is not None:
        values["MONEYGOOD_RULES"] = str(rules.resolve())
    return values
