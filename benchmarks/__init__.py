"""Measurements against the database's own floor, in the same run. `python -m benchmarks --help` tells what there is."""
