"""What is sent on: a report as CSV, as a workbook, as charts. Plain values in, bytes out; no database and no web."""
