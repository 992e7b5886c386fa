"""HTTP in, HTTP out: routes, keys, problems, idempotency, paging. The clock is read here."""
