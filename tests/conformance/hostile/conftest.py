"""The modules here are engines for worker processes; importing some of them ends the importer."""

collect_ignore_glob = ["*.py"]
