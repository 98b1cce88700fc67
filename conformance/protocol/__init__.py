"""The protocol between the suite and an engine's process: its document is the README beside this file."""
