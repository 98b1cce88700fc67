"""The derivative table, by chapter: rows only."""
