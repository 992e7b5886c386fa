"""What a newcomer is shown after the demonstration was loaded: the address, a key, and three calls to try."""

from __future__ import annotations

from cif_engine.demonstration.loading import Demonstration


def guide(demonstration: Demonstration, address: str, secret: str) -> str:
    """Return the text; every line of it can be pasted into a shell."""
    book = f"{address}/v1/lsos/{demonstration.lso}"
    as_of = demonstration.as_of.isoformat()
    body = (
        f'{{"loan": "{demonstration.loan}", "amount": "{demonstration.repayment}", '
        f'"effective_on": "{as_of}", "receipt_no": "DEMO-1"}}'
    )
    known = "was there already" if demonstration.already_there else "is loaded"
    return f"""
{demonstration.name} {known}: {demonstration.households} households, {demonstration.loans} loans, \
{demonstration.facts} facts, up to {as_of}.
{demonstration.note}

The API:   {address}/docs (made with `cif serve`)
A key:     {secret}

The portfolio at risk:
  curl -H 'Authorization: Bearer {secret}' '{book}/portfolio?as_of={as_of}&by=vo'

A loan that is late, with its schedule:
  curl -H 'Authorization: Bearer {secret}' '{book}/loans/{demonstration.loan}/statement?as_of={as_of}'

A repayment that brings it up to date on that day:
  curl -X POST -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' \\
    -H 'Idempotency-Key: demo-1' -d '{body}' '{book}/repayments'
"""
