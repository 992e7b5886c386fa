"""Load, decide, save: one function per command or report, each its own transaction."""
