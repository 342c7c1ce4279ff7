"""Earnings calls: text to turns with speaker, role and section."""
