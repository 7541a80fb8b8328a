"""Finished products of a view: pictures, pages and data files."""
