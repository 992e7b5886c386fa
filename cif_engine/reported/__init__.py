"""Figures that others report: read as printed, judged, never corrected."""
