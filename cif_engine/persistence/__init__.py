"""The only SQL: tables, engines, and the few statements that read and write a book."""
