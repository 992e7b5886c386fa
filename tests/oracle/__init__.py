"""A second opinion: what the facts of a fund come to, found by replaying them day by day.

It is written from `docs/glossary.md`, `docs/accounting.md` and the definitions, not from the engine: every due is a row
of its own, every account a number that goes up and down. Slow and plain on purpose. Of the engine it takes only the
words (kinds, terms, dates) and `make_schedule`, which has tests of its own.
"""
