"""By what a portfolio can be cut. A cut uses what each loan was made under, so a member who moves rewrites no past."""

from __future__ import annotations

from enum import StrEnum


class Cut(StrEnum):
    """One way to cut a portfolio; the RSP and the district are those of the LSO."""

    RSP = "rsp"
    DISTRICT = "district"
    LSO = "lso"
    VO = "vo"
    CO = "co"
    FUND = "fund"
    PRODUCT = "product"

    @property
    def within_lso(self) -> bool:
        """Whether its codes mean something within one LSO only, so that the LSO's code goes with them."""
        return self not in (Cut.RSP, Cut.DISTRICT, Cut.LSO)
