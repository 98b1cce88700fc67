"""A backward clears the graph of every value of the leaf, as documented: that of a second one, made before, raises."""

import mygrad as mg

x = mg.tensor([3.0])
y, z = x * x, mg.exp(x)
y.sum().backward()
try:
    z.sum().backward()
    found = "no error"
except mg.errors.InvalidBackprop as error:
    found = error
assert found == "no error", found
