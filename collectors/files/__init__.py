"""Local files and dumps to documents."""
