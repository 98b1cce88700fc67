"""Public functions with PyTorch's signatures, by the same chapters as `refgrad.ops`."""
