"""How accurate an engine's pointwise operators and their first two derivatives are, region by region, against proven enclosures."""
