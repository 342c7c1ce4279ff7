"""Statistics and alerts: pure functions of mentions and yields.

Nothing here reads a clock, a store or the network: ``as_of``, days and seeds
are arguments, pandas goes in, frozen records or frames come out.

index        daily index of a narrative and its plain share, base, band
balance      soothing against doubting; the ladder of retreat and its rungs
correlation  rolling correlation with bootstrap bands (and ``lead_lag``)
leadlag      leads and lags over a grid, corrected for the grid
divergence   is the yield going where the narrative says it should?
rules        the life of an alert, market day by market day
synthetic    series with planted answers

Beneath them: ``coverage`` (novel texts on market days), ``bands`` (posterior
draws), ``series`` (checks and alignment), ``bootstrap`` (stationary blocks),
``expressions``, ``rule_file`` and ``readings`` (what rules say and read);
``rules.yaml`` holds the shipped rules.
"""
