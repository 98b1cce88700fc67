"""What kind of wrong a failed operator case is, from what it and its siblings showed. Guesses, said so; pure."""

from conformance.diagnosis.diagnose import diagnose
from conformance.diagnosis.evidence import Answer
from conformance.diagnosis.kinds import Diagnosis, Kind

__all__ = ["Answer", "Diagnosis", "Kind", "diagnose"]
