"""Market figures: yields, rates and prices to observations."""
