"""Operators in PyTorch's spelling over libraries that are spelled as NumPy: what several adapters share.

Entries compose the library's own documented functions and repair nothing. Where the library lacks what an entry needs,
the entry is left out, and the operator is unsupported.
"""
