"""Texts from the web: feeds, pages, filings and searches."""
