from datetime import date

import pytest

from cif_engine.dates import FORTNIGHTLY, MONTHLY, QUARTERLY, WEEKLY, Frequency, MonthEnd


@pytest.mark.parametrize(
    ("start", "frequency", "month_end", "steps"),
    [
        pytest.param("2021-01-31", MONTHLY, "anchor_day", "2021-02-28 2021-03-31 2021-04-30", id="31-january"),
        pytest.param("2024-01-31", MONTHLY, "anchor_day", "2024-02-29 2024-03-31 2024-04-30", id="leap-year"),
        pytest.param("2021-01-29", MONTHLY, "anchor_day", "2021-02-28 2021-03-29 2021-04-29", id="29-january"),
        pytest.param("2021-02-28", MONTHLY, "anchor_day", "2021-03-28 2021-04-28 2021-05-28", id="28-february"),
        pytest.param("2021-02-28", MONTHLY, "last_day", "2021-03-31 2021-04-30 2021-05-31", id="28-february-last"),
        pytest.param("2024-02-28", MONTHLY, "last_day", "2024-03-28 2024-04-28 2024-05-28", id="28-february-leap"),
        pytest.param("2021-04-30", MONTHLY, "last_day", "2021-05-31 2021-06-30 2021-07-31", id="30-april-last"),
        pytest.param("2025-01-31", MONTHLY, "next_month", "2025-03-01 2025-03-31 2025-05-01", id="31-january-next"),
        pytest.param("2024-01-30", MONTHLY, "next_month", "2024-03-01 2024-03-30 2024-04-30", id="30-january-next"),
        pytest.param("2021-11-15", MONTHLY, "anchor_day", "2021-12-15 2022-01-15 2022-02-15", id="over-new-year"),
        pytest.param("2021-11-30", QUARTERLY, "anchor_day", "2022-02-28 2022-05-30 2022-08-30", id="quarterly"),
        pytest.param("2021-11-30", QUARTERLY, "last_day", "2022-02-28 2022-05-31 2022-08-31", id="quarterly-last"),
        pytest.param("2021-12-27", WEEKLY, "anchor_day", "2022-01-03 2022-01-10 2022-01-17", id="weekly"),
        pytest.param("2024-02-15", FORTNIGHTLY, "last_day", "2024-02-29 2024-03-14 2024-03-28", id="fortnightly"),
        pytest.param("2021-07-01", Frequency(days=30), "anchor_day", "2021-07-31 2021-08-30 2021-09-29", id="30-days"),
        pytest.param(
            "2021-08-31", Frequency(months=6), "anchor_day", "2022-02-28 2022-08-31 2023-02-28", id="6-months"
        ),
    ],
)
def test_month_steps(start: str, frequency: Frequency, month_end: str, steps: str) -> None:
    anchor, rule = date.fromisoformat(start), MonthEnd(month_end)
    assert [frequency.step(anchor, count, rule).isoformat() for count in (1, 2, 3)] == steps.split()
