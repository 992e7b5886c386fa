"""One loan: what was agreed, its schedule, its facts, and what they make of it on any day."""
