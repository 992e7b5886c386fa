"""Law 7 over HTTP: whatever report takes `known_at` is byte for byte the same after a thousand later facts.

The operations are those of the OpenAPI document, so that one added later is asked as well, or fails for want of its
parameters here. Three LSOs, two of them under one RSP, have two years behind them; then paper comes late, facts are
reversed, corrected, rescheduled and written off, loans are lent, an LSO moves to another RSP, a fund gets another
funder, and rule sets new versions that hold since long ago.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final, NamedTuple
from urllib.parse import quote, urlencode

import httpx2
from starlette.testclient import TestClient

from api.app import create_app
from api.formats import MEDIA_TYPES, Form
from api.models.health import HealthRuleSaid
from cif_engine.documents.charts import Picture
from cif_engine.errors import CifError
from cif_engine.fund.eligibility import TrancheRule
from cif_engine.ledger.accounts import Role, account_code
from cif_engine.loans.terms import BulletPayment, EqualInstalments
from cif_engine.moments import format_moment
from cif_engine.operations.dated import Saying
from cif_engine.operations.health_rules import HEALTH_RULES
from cif_engine.operations.keys import NewKey, Scope, create_key, find_rsp_id
from cif_engine.operations.network_funds import change_fund
from cif_engine.operations.network_places import change_lso
from cif_engine.operations.network_records import get_record
from cif_engine.operations.releases import Released, ReleaseReversal, Releases, record_releases, reverse_release
from cif_engine.operations.reported_figures import Recorder, SaidRow, SaidRows, SaidSet, record_reported_figures
from cif_engine.operations.restructuring import Pause
from cif_engine.operations.rsp_recording import RspRequest
from cif_engine.operations.rule_sets import RULE_SETS
from cif_engine.operations.tranche_rules import record_tranche_rule
from cif_engine.persistence.engines import Databases
from cif_engine.persistence.network_registers import LSOS
from cif_engine.portfolio.classification import ClassBand, Comparator, RuleSet
from cif_engine.portfolio.subjects import is_of_period
from cif_engine.reported.figures import Figure
from cif_engine.reported.measures import DISBURSED
from cif_engine.reported.printed import Unit, read_printed
from cif_engine.settings import Settings
from tests.books import FUND, MEMBERS, TODAY, Book, a_funded_book, new_id

LATER_FACTS: Final = 1_000
FIRST_DAY, LAST_DAY = date(2024, 1, 2), date(2025, 12, 31)
PLENTY = 5_000_000
SECRET = "cif_secret-of-everything"
Query = dict[str, str]


class Asked(NamedTuple):
    """The two times of a report."""

    as_of: date
    known_at: int


# Which reports there are ---------------------------------------------------------------------------------------

ADDRESSES: Final = ("/v1/portfolio", "/v1/rsps/{rsp}/portfolio", "/v1/lsos/{lso}/portfolio")
OF_PORTFOLIO: Final[dict[str, tuple[Query, ...]]] = {
    "": ({"by": "funder,tranche"}, {"by": "rsp,product", "rule_set": "sbp"}, {"poverty_band": "0-11,none"}),
    "/series": ({"by": "rsp,funder", "months": "9"}, {"figures": "par,arrears,ageing", "rule_set": "sbp"}),
    "/vintages": ({"months": "12", "by": "vo"},),
    "/maturity": ({"by": "tranche"},),
    "/provisioning": ({"by": "district", "rule_set": "sbp"},),
    "/collections": ({"by": "cycle,channel"}, {"funder": "EU"}),
    "/roll-rates": ({"by": "gender"},),
    "/loans": (
        {"figure": "par_n_renegotiated", "days": "30", "funder": "EU"},
        {"figure": "on_time_rate", "side": "denominator"},
    ),
    "/capital": ({"by": "fund"}, {"funder": "EU"}),
    "/funds": ({"by": "funder,district"}, {"funder": "EU"}),
    "/compliance": ({}, {"funder": "EU"}),
    "/lots": ({}, {"funder": "EU"}),
    "/restatement": ({"figure": "par_n", "days": "0", "rule_set": "sbp"}, {"figure": "recovered", "tranche": "1"}),
    "/restatement/acts": ({"figure": "gross_portfolio"}, {"figure": "dcb", "part": "closing"}),
    "/reports/summary": ({},),
    "/reports/par": ({"by": "product"},),
    "/reports/ageing": ({},),
    "/reports/dcb": ({"by": "co,purpose"},),
    "/reports/cycles": ({},),
    "/reports/districts": ({},),
    "/reports/indicators": ({},),
    "/reports/arrears": ({"limit": "5"},),
    "/reports/disbursements": ({"limit": "5"},),
    "/reports/collections": ({"limit": "5"},),
    "/coverage": ({"by": "rsp"},),
    "/charts/par-trend": ({"months": "6"},),
    "/charts/ageing": ({"months": "6"},),
    "/charts/vintages": ({"months": "6"},),
    "/charts/roll-rates": ({},),
}
"""What follows each of the addresses, and how it is asked; the days and the moment are added."""

OF_BOOKS: Final[dict[str, tuple[Query, ...]]] = {
    "/v1/lsos/{lso}/repayments": ({"limit": "20"},),
    "/v1/lsos/{lso}/loans": ({"limit": "20"}, {"status": "open", "days_late_over": "30"}),
    "/v1/lsos/{lso}/loans/{loan}": ({},),
    "/v1/lsos/{lso}/loans/{loan}/schedule": ({},),
    "/v1/lsos/{lso}/loans/{loan}/statement": ({},),
    "/v1/lsos/{lso}/loans/{loan}/settlement-quote": ({},),
    "/v1/lsos/{lso}/loans/{loan}/facts": ({}, {"order": "happened"}),
    "/v1/lsos/{lso}/accounts/{code}/statement": ({"limit": "20"},),
    "/v1/lsos/{lso}/trial-balance": ({},),
    "/v1/lsos/{lso}/cash-book": ({},),
    "/v1/lsos/{lso}/export": ({},),
    "/v1/lsos/{lso}/profile": ({},),
    "/v1/lsos/{lso}/funds/{fund}/position": ({},),
    "/v1/lsos/{lso}/funds/{fund}/forecast": ({}, {"history_months": "24", "loan_amount": "9000"}),
    "/v1/lsos/{lso}/funds/{fund}/figures": ({},),
    "/v1/lsos/{lso}/funds/{fund}/figures/series": ({},),
    "/v1/lsos/{lso}/funds/{fund}/health": ({},),
    "/v1/lsos/{lso}/funds/{fund}/lots": ({},),
    "/v1/lsos/{lso}/funds/{fund}/tranche-rules": ({},),
    "/v1/lsos/{lso}/funds/{fund}/tranches/{tranche}/rules": ({},),
    "/v1/lsos/{lso}/funds/{fund}/tranches/{tranche}/rupees": ({"rupees_to": "20000.00", "limit": "20"},),
    "/v1/lsos/{lso}/loans/{loan}/lineage": ({},),
    "/v1/rsps/{rsp}/releases": ({"limit": "20"},),
    "/v1/rsps/{rsp}/federation": ({}, {"status": "unmatched"}),
    "/v1/rule-sets/{code}": ({},),
    "/v1/reported-figures": ({"limit": "20"},),
    "/v1/rsps/{rsp}/reported-figures": ({},),
    "/v1/lsos/{lso}/reported-figures": ({},),
    "/v1/rsps/{rsp}/reported-figures/series": ({},),
    "/v1/lsos/{lso}/reported-figures/series": ({},),
    "/v1/rsps/{rsp}/reported-figures/chart": ({},),
    "/v1/health-rules/{code}": ({},),
}
QUERIES: Final = OF_BOOKS | {f"{address}{path}": asked for address in ADDRESSES for path, asked in OF_PORTFOLIO.items()}

USUAL: Final = Form.JSON
FORM_OF: Final = {media_type: form for form, media_type in MEDIA_TYPES.items()} | {"text/plain": USUAL}
SKIPPED: Final = Picture.PNG
"""The same drawing as the SVG, at a multiple of the time."""


def test_a_report_over_http_is_byte_for_byte_the_same_after_a_thousand_later_facts(databases: Databases) -> None:
    network = a_network(databases)
    desk = Desk(databases, network)
    network.goes_on(60)
    early = network.moment()
    network.goes_on(60)
    asked = (Asked(date(2025, 3, 31), early), Asked(LAST_DAY, network.moment()))
    urls = [*desk.urls(asked[0]), *desk.urls(asked[1]), *desk.urls_of_other_forms(asked[1])]
    answered = {url: desk.reads(url) for url in urls}
    now = {operation: (url, desk.reads(url)) for operation, url in desk.urls_of_now()}

    network.is_rearranged()
    network.goes_on(LATER_FACTS)

    assert [url for url in urls if desk.reads(url) != answered[url]] == []
    # Asked as of now, they all tell another story: what was recorded concerned them.
    assert [operation for operation, (url, told) in now.items() if desk.reads(url) == told] == []


# Asking --------------------------------------------------------------------------------------------------------


@dataclass
class Desk:
    """Someone who may read everything, and asks for every report there is."""

    databases: Databases
    network: Network

    def __post_init__(self) -> None:
        key = NewKey(new_id(), "everything", frozenset(Scope))
        create_key(self.databases, key, SECRET, 0)
        noon = datetime(TODAY.year, TODAY.month, TODAY.day, 7, tzinfo=UTC)
        app = create_app(self.databases, Settings(), lambda: noon)
        self.client = TestClient(app, raise_server_exceptions=False, headers={"Authorization": f"Bearer {SECRET}"})
        self.operations = operations_of(app.openapi())

    def reads(self, url: str) -> bytes:
        response: httpx2.Response = self.client.get(url)
        assert response.status_code == 200, (url, response.text)
        return response.content

    def urls(self, times: Asked) -> Iterator[str]:
        """Give the address of each report as JSON or a picture."""
        assert set(self.operations) == set(QUERIES), "say here how these are asked"
        for path, operation in self.operations.items():
            for said in QUERIES[path]:
                yield self._url(path, said, times, operation.forms[0])

    def urls_of_other_forms(self, times: Asked) -> Iterator[str]:
        """Give the first address of each operation in its other forms."""
        for path, operation in self.operations.items():
            for form in operation.forms[1:]:
                yield self._url(path, QUERIES[path][0], times, form)

    def urls_of_now(self) -> Iterator[tuple[str, str]]:
        """Give each operation that draws nothing with the address of one report, as known now."""
        for path, operation in self.operations.items():
            if operation.forms[0] != Picture.SVG:
                yield path, self._url(path, QUERIES[path][-1], Asked(LAST_DAY, 0), operation.forms[0])

    def _url(self, path: str, said: Query, times: Asked, form: str) -> str:
        query = {**said, **self._days(self.operations[path].parameters, said, times)}
        if form != USUAL:
            query["format"] = form
        of_rules = {"rule-sets": "sbp", "health-rules": "community"}
        code = of_rules.get(path.split("/")[2], account_code(FUND, Role.CASH_IN_HAND))
        place = {**self.network.codes, "tranche": "1", "code": code}
        return f"{path.format(**{name: quote(code) for name, code in place.items()})}?{urlencode(query)}"

    def _days(self, parameters: frozenset[str], said: Query, times: Asked) -> Query:
        days = {"known_at": format_moment(times.known_at)} if times.known_at else {}
        if "reported_at" in parameters:
            days["reported_at"] = format_moment(self.network.beginning)
        if {"from", "to"} <= parameters and is_of_period(said.get("figure", "dcb")):
            return {**days, "from": "2024-07-01", "to": times.as_of.isoformat()}
        return {**days, "on" if "on" in parameters else "as_of": times.as_of.isoformat()}


class Operation(NamedTuple):
    """A report that takes `known_at`: its parameters, and the forms that it comes in."""

    parameters: frozenset[str]
    forms: tuple[str, ...]


def operations_of(document: dict[str, Any]) -> dict[str, Operation]:
    """Return the operations of the OpenAPI document that take `known_at`, by their paths."""
    found = {}
    for path, methods in document["paths"].items():
        told = methods.get("get", {})
        parameters = frozenset(parameter["name"] for parameter in told.get("parameters", ()))
        if "known_at" in parameters:
            forms = [FORM_OF[media_type] for media_type in told["responses"]["200"]["content"]]
            found[path] = Operation(parameters, tuple(form for form in forms if form != SKIPPED))
    return found


# What is recorded ----------------------------------------------------------------------------------------------


@dataclass
class Network:
    """Three LSOs, and what happens to them; every run tells the same story."""

    books: list[Book]
    random: Random
    codes: dict[str, str] = field(default_factory=dict)
    beginning: int = 0
    told: str = ""
    loans: dict[str, list[str]] = field(default_factory=dict)
    facts: dict[str, list[str]] = field(default_factory=dict)

    @property
    def databases(self) -> Databases:
        return self.books[0].databases

    def moment(self) -> int:
        """Return a moment between what was recorded and what will be."""
        return self.books[0].request().at

    def goes_on(self, facts: int) -> None:
        """Let so many acts be recorded; what is refused did not happen."""
        done = 0
        while done < facts:
            book = self.random.choice(self.books)
            try:
                self._act()(book)
            except CifError:
                continue
            done += 1

    def is_rearranged(self) -> None:
        """Place an LSO and a funder elsewhere since long ago, and record rules by which less is good."""
        place(self.books[1], self.moment(), date(2024, 5, 1), rsp=rsp_of(self.books[2]))
        place(self.books[0], self.moment(), date(2024, 5, 1), households_eligible=40)
        self.rsp_takes_back(self.told)
        self.rsp_tells(1, PLENTY * 100)
        self.rsp_reports("4.1")
        saying = Saying(self.moment(), "finance", TODAY, date(2024, 2, 1))
        change_fund(self.databases, self.books[0].lso_id, FUND, {"funder": "World Bank"}, 1, saying)
        for book in self.books:
            self.is_ruled(
                book, TrancheRule(1, 2, date(2024, 2, 1), women_share_min=Decimal(1), amount_max_minor=9_000_00)
            )
        for code in ("community", "sbp"):
            stricter = RuleSet(
                code,
                len(RULE_SETS.get(self.databases, code, TODAY)["versions"]) + 1,
                "Stricter",
                date(2024, 1, 1),
                Comparator.MORE_THAN if code == "sbp" else Comparator.AT_LEAST,
                (ClassBand("Regular", 0, 9, Decimal(0)), ClassBand("Late", 10, None, Decimal("0.4"))),
                "",
            )
            RULE_SETS.record(self.databases, stricter, "finance", self.moment(), TODAY)
        stern = HealthRuleSaid.model_validate({**HealthRuleSaid.example, "effective_from": "2024-01-01"}).value()
        HEALTH_RULES.record(self.databases, stern, "finance", self.moment(), TODAY)

    def is_ruled(self, book: Book, rule: TrancheRule) -> None:
        """Let a funder say which loans its tranche may pay for."""
        record_tranche_rule(self.databases, book.lso_id, FUND, rule, "finance", self.moment(), TODAY)

    def rsp_tells(self, tranche: int, amount_minor: int) -> str:
        """Let the RSP say that it released a tranche to the first LSO; return the id of the row."""
        rsp_id = find_rsp_id(self.databases, self.codes["rsp"])
        assert rsp_id is not None
        said = Released(new_id(), f"BPV-{tranche}", self.codes["lso"], FUND, tranche, amount_minor, date(2023, 12, 30))
        asked = RspRequest(rsp_id, "finance", self.moment(), TODAY)
        record_releases(self.databases, asked, Releases(((0, said),)))
        return said.id

    def rsp_reports(self, millions: str) -> None:
        """Let the RSP publish what it and the first LSO disbursed by a day, and an LSO that has no book here."""
        rsp_id = find_rsp_id(self.databases, self.codes["rsp"])
        assert rsp_id is not None
        day = date(2025, 3, 31)
        figures = (Figure(DISBURSED, read_printed(millions, Unit.PKR_MILLION)),)
        source = ("Outreach report", None, None)
        rows = [
            SaidSet(subject, name, lso, None, day, day, day.isoformat(), None, *source, figures, "")
            for subject, name, lso in (
                ("rsp", None, None),
                ("lso", None, self.codes["lso"]),
                ("lso", "Elsewhere", None),
            )
        ]
        said = SaidRows(tuple(SaidRow(place, row, str) for place, row in enumerate(rows)))
        by = Recorder("finance", self.moment(), TODAY, new_id)
        record_reported_figures(self.databases, rsp_id, said, by)

    def rsp_takes_back(self, release: str) -> None:
        rsp_id = find_rsp_id(self.databases, self.codes["rsp"])
        assert rsp_id is not None
        asked = RspRequest(rsp_id, "finance", self.moment(), TODAY)
        reverse_release(self.databases, asked, ReleaseReversal(new_id(), release, "typed wrong"))

    def _act(self) -> Callable[[Book], None]:
        acts = {
            self._lend: 3,
            self._repay: 12,
            self._reverse: 2,
            self._correct: 2,
            self._reschedule: 2,
            self._write_off: 1,
            self._set_aside: 1,
        }
        (act,) = self.random.choices(list(acts), list(acts.values()))
        return act

    def _lend(self, book: Book) -> None:
        plan = self.random.choice((None, BulletPayment(after_months=4), EqualInstalments(count=5)))
        on, member = self._day(), self.random.choice(MEMBERS)
        loan = book.applies(self.random.choice((3_000, 7_500, 12_000)), on=on, member=member, plan=plan)
        if self.random.random() < 0.1:
            return
        book.resolves(loan, on=on + timedelta(days=self.random.randint(0, 9)))
        answer = book.disburses(loan, on=on + timedelta(days=self.random.randint(9, 20)))
        self.loans[book.lso_id].append(loan)
        self.facts[book.lso_id].append(answer["event"]["id"])

    def _repay(self, book: Book) -> None:
        paid = self.random.choice((250, 600, 1_000, 2_500))
        answer = book.repays(self._loan(book), paid, on=self._day(), channel=self.random.choice(("cash", "bank")))
        self.facts[book.lso_id].append(answer["event"]["id"])

    def _reverse(self, book: Book) -> None:
        answer = book.reverses(self._fact(book))
        if self.random.random() < 0.3:
            self.facts[book.lso_id].append(answer["event"]["id"])

    def _correct(self, book: Book) -> None:
        amount = self.random.choice((300, 900, 2_000))
        answer = book.corrects(self._fact(book), amount=amount, on=self.random.choice((None, self._day())))
        self.facts[book.lso_id].append(answer["event"]["id"])

    def _reschedule(self, book: Book) -> None:
        if self.random.random() < 0.5:
            book.reschedules(self._loan(book), on=self._day(), plan=EqualInstalments(count=self.random.randint(2, 8)))
        else:
            book.reschedules(self._loan(book), on=self._day(), pause=Pause(self.random.randint(1, 3)))

    def _write_off(self, book: Book) -> None:
        book.writes_off(self._loan(book), on=self._day())

    def _set_aside(self, book: Book) -> None:
        book.changes_allowance(self.random.choice((500, 1_000)), on=self._day())

    def _day(self) -> date:
        return FIRST_DAY + timedelta(days=self.random.randint(0, (LAST_DAY - FIRST_DAY).days))

    def _loan(self, book: Book) -> str:
        return self.random.choice(self.loans[book.lso_id])

    def _fact(self, book: Book) -> str:
        return self.random.choice(self.facts[book.lso_id])


def a_network(databases: Databases) -> Network:
    """Found three LSOs; the first two are under one RSP, and lend and earn back their first loan."""
    books = [a_funded_book(databases, PLENTY, on=date(2024, 1, 1)) for _ in range(3)]
    network = Network([replace(book, sent=[]) for book in books], Random(7))
    place(books[1], network.moment(), date(2023, 1, 1), rsp=rsp_of(books[0]))
    for book in books:
        book.moves(PLENTY // 2, on=date(2024, 1, 1), paid_from="bank", held_in="cash")
        network.loans[book.lso_id] = [book.lends(12_000, on=FIRST_DAY)]
        network.facts[book.lso_id] = [
            book.repays(network.loans[book.lso_id][0], 1_000, on=date(2024, 3, 1))["event"]["id"]
        ]
    network.codes = {
        "lso": lso_of(books[0]),
        "rsp": rsp_of(books[0]),
        "loan": network.loans[books[0].lso_id][0],
        "fund": FUND,
    }
    network.told = network.rsp_tells(1, PLENTY * 99)
    for book in books:
        network.is_ruled(book, TrancheRule(1, 1, FIRST_DAY, poverty_score_to=23, amount_max_minor=12_000_00))
    network.rsp_reports("3.9")
    network.beginning = network.moment()
    return network


def place(book: Book, at: int, since: date, **says: Any) -> None:  # noqa: ANN401 - fields of a placement
    """Say under which RSP an LSO is since a day, or how many households are eligible in it."""
    code = lso_of(book)
    version = get_record(book.databases, LSOS, (code,))["version"]
    change_lso(book.databases, code, says, version, Saying(at, "finance", TODAY, since))


def lso_of(book: Book) -> str:
    return book.lso_id[:8].upper()


def rsp_of(book: Book) -> str:
    return str(get_record(book.databases, LSOS, (lso_of(book),))["rsp"])
