"""How good the suite's own judgements are: false alarms on inputs drawn afresh, and planted errors that it must notice."""
