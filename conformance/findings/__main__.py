"""``python -m conformance.findings``: writes the page anew."""

from conformance.findings import PAGE, page

PAGE.write_text(page(), encoding="utf-8")
