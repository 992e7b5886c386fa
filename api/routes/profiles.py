"""The profile of an LSO, as JSON and as a page to print."""

from __future__ import annotations

from starlette.responses import Response

from api.formats import MEDIA_TYPES, PageForm, PageFormat, page_form_of
from api.models.profiles import ProfileShown
from api.routing import Routes
from api.times import AsOf, KnownAt
from api.visits import BookVisit
from cif_engine.operations.keys import Scope
from cif_engine.operations.profile_pages import profile_pdf
from cif_engine.operations.profiles import profile_report

routes = Routes("revolving fund")


@routes.get("/lsos/{lso}/profile", scope=Scope.PORTFOLIO_READ, answer=ProfileShown, summary="The profile of an LSO")
async def read_lso_profile(
    visit: BookVisit, as_of: AsOf = None, known_at: KnownAt = None, form: PageFormat = None
) -> Response:
    """What an LSO was given, lent to whom, how that is doing, how often the money went round: on any day.

    A block for each fund, and one of all funds. The figures of a day as known at a moment stay the same for ever; what
    is of the registers is of today, and `notes` say which. As PDF it is one page of A4, the same bytes for the same
    answer.
    """
    asked = (visit.lso_id, as_of or visit.today, known_at)
    if page_form_of(visit, form) is PageForm.JSON:
        return await visit.answer(profile_report, *asked)
    page = await visit.desk.read(profile_pdf, *asked)
    name = f"profile-{visit.path_params['lso']}-{asked[1].isoformat()}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"', "Vary": "Accept"}
    return Response(page, media_type=MEDIA_TYPES[PageForm.PDF], headers=headers)
