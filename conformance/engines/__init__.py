"""Adapters, one per file, and the base classes on which an adapter is written."""
