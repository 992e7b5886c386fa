"""The shape of every refusal."""

from __future__ import annotations

from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from api.fields import Answer


class Finding(Answer):
    """One thing that was refused, and where: in the body or in the address."""

    code: str = Field(description="Stable; programs may rely on it.")
    detail: str
    pointer: str | None = Field(None, description="JSON pointer (RFC 6901) into the body that was sent.")
    parameter: str | None = Field(None, description="The parameter of the address.")


class Problem(BaseModel):
    """A refusal (RFC 9457). Beside these fields it may carry facts of its own, an existing receipt say."""

    model_config = ConfigDict(extra="allow")

    type: str = Field(description="Where this kind of problem is explained.")
    title: str = Field(description="The rule that was broken.")
    status: int
    detail: str = Field(description="What happened this time, for people.")
    code: str = Field(description="Stable; programs may rely on it.")
    errors: list[Finding]
    instance: str = Field(description="The address that was asked.")
    request_id: str = Field(description="Also in the header X-Request-Id; name it when you ask for help.")

    example: ClassVar[dict[str, Any]] = {
        "type": "/problems/not_enough_cash",
        "title": "The account does not hold that much on that day, or on a later day already recorded.",
        "status": 422,
        "detail": "CIF.1010 can pay 12000.00 from 2021-10-31 on, not 25000.00.",
        "code": "not_enough_cash",
        "errors": [
            {
                "pointer": "/amount",
                "code": "not_enough_cash",
                "detail": "CIF.1010 can pay 12000.00 from 2021-10-31 on, not 25000.00.",
            }
        ],
        "instance": "/v1/lsos/DAS/loans/DAS-2021-00731/disbursement",
        "request_id": "0197d3a2-5b1f-7c3e-9a4d-1f2e3d4c5b6a",
        "available": "12000.00",
    }


class ProblemType(Answer):
    """A kind of problem, explained."""

    type: str
    code: str
    title: str
    status: int

    example: ClassVar[dict[str, Any]] = {
        "type": "/problems/not_enough_cash",
        "code": "not_enough_cash",
        "title": "The account does not hold that much on that day, or on a later day already recorded.",
        "status": 422,
    }


class ProblemTypes(Answer):
    """Every kind of problem there is."""

    items: list[ProblemType]

    example: ClassVar[dict[str, Any]] = {"items": [ProblemType.example]}
