"""The steps of an import: detect, map, validate, rehearse, run."""
