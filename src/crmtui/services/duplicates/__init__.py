"""Duplicates: scanning for them, listing and explaining what was found, and keeping what persons decide."""
