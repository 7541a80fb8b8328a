"""A peer: all incidents in one folium.GeoJson layer with a tooltip, through st_folium. Run by the measurement."""

import os

import folium
import pandas as pd
import streamlit as st
from streamlit_folium import st_folium

read = st.cache_data(pd.read_parquet)
points = read(os.environ["INCIDENTS_BENCH_POINTS"])
window = st.slider("Days", 0, 2_191, (0, 2_191))
kept = points[points["day"].between(*window)]
features = [
    {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [row.longitude, row.latitude]},
        "properties": {"type": row.event_type},
    }
    for row in kept.itertuples()
]
shown = folium.Map(location=(33.9, 42.2), zoom_start=6, tiles=None, maxZoom=18, prefer_canvas=True)
folium.GeoJson(
    {"type": "FeatureCollection", "features": features},
    marker=folium.CircleMarker(radius=4),
    tooltip=folium.GeoJsonTooltip(["type"]),
).add_to(shown)
st_folium(shown, width=1_120, height=600, returned_objects=[])
