"""Demonstration data whose truth is known: a seeded generator, its own tally of what it made, and the loader.

`plan_of(profile, seed)` makes a plan of facts, `Tally(plan)` says what the figures must be without asking the engine,
and `load(databases, plan)` records the plan through the operations, as the people of an office would.
"""

from cif_engine.demonstration.loading import Demonstration, load, load_demonstration
from cif_engine.demonstration.office import many_lsos, plan_of
from cif_engine.demonstration.tally import Tally

__all__ = ["Demonstration", "Tally", "load", "load_demonstration", "many_lsos", "plan_of"]
