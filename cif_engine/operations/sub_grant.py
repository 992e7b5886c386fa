"""The sub-grant as it stands: the agreements of a fund, and each tranche from its release to its receipt."""

from __future__ import annotations

from cif_engine.money import PKR, format_amount
from cif_engine.operations.reporting import open_book, open_fund
from cif_engine.operations.views import View
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.funding import AgreementFile, TrancheFile, agreement_files, tranche_files


def agreements_list(databases: Databases, lso_id: str, fund: str) -> View:
    """Return the agreements of a fund, each with its tranches; raises NotFoundError."""
    with databases.reading(lso_id) as connection:
        open_book(connection, lso_id, None)
        fund_id = open_fund(connection, lso_id, fund).id
        agreements = agreement_files(connection, lso_id, fund_id)
        tranches = tranche_files(connection, lso_id, fund_id)
    items = [_agreement_view(file, [t for t in tranches if t.agreement_id == file.id]) for file in agreements]
    return {"fund": fund, "currency": PKR.code, "items": items}


def _agreement_view(agreement: AgreementFile, tranches: list[TrancheFile]) -> View:
    received = sum(tranche.amount_minor for tranche in tranches if tranche.received_on)
    return {
        "number": agreement.number,
        "signed_on": agreement.signed_on.isoformat(),
        "amount": format_amount(agreement.amount_minor),
        "released": format_amount(agreement.released_minor),
        "received": format_amount(received),
        "tranches": [_tranche_view(tranche) for tranche in tranches],
    }


def _tranche_view(tranche: TrancheFile) -> View:
    return {
        "number": tranche.number,
        "released_on": tranche.released_on.isoformat(),
        "received_on": tranche.received_on.isoformat() if tranche.received_on else None,
        "amount": format_amount(tranche.amount_minor),
    }
