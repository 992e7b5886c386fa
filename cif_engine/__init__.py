"""The loan portfolio engine of a Community Investment Fund: one append-only book per fund holder."""
