"""A peer: one folium.Marker per incident in a MarkerCluster, as most tutorials do. Run by the measurement."""

import os

import folium
import pandas as pd
import streamlit as st
from folium.plugins import MarkerCluster
from streamlit_folium import st_folium

read = st.cache_data(pd.read_parquet)
points = read(os.environ["INCIDENTS_BENCH_POINTS"])
window = st.slider("Days", 0, 2_191, (0, 2_191))
kept = points[points["day"].between(*window)]
shown = folium.Map(location=(33.9, 42.2), zoom_start=6, tiles=None, maxZoom=18, prefer_canvas=True)
cluster = MarkerCluster().add_to(shown)  # type: ignore[no-untyped-call]
for latitude, longitude, label in zip(kept["latitude"], kept["longitude"], kept["event_type"], strict=True):
    folium.Marker((latitude, longitude), tooltip=label).add_to(cluster)
st_folium(shown, width=1_120, height=600, returned_objects=[])
