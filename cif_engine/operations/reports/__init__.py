"""The reports that people expect, as tables: asked of figures and facts, shown as JSON, CSV, workbook or picture."""
