"""Settings of every test."""

from __future__ import annotations

import os

from hypothesis import settings

# The same inputs in every run: a change is judged by what it does, not by luck.
# HYPOTHESIS_PROFILE=explore looks for new ones; bench.fuzz looks harder.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("explore", max_examples=500, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
