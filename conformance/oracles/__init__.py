"""Where the truth of a case comes from, and how far from it a right engine may be."""
