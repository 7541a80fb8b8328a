"""Incidents and the earth: records, places, boundaries, and the store that answers questions."""
