"""Who lends to whom, and under which rules: the values of the network, checked once."""
