"""The double-entry book: accounts, postings between them, and the hash chain that seals each event."""
