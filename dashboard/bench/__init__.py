"""Measure the running program: seeded records, the real page in a real browser, beside an empty page and peers."""
