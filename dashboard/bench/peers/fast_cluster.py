"""A peer: FastMarkerCluster through st_folium, all points sent as one list. Run by the measurement."""

import os

import folium
import pandas as pd
import streamlit as st
from folium.plugins import FastMarkerCluster
from streamlit_folium import st_folium

# The default callback needs an icon font from elsewhere; this is the smallest one that draws.
CALLBACK = "function (row) { return L.circleMarker([row[0], row[1]], { radius: 5 }); }"

read = st.cache_data(pd.read_parquet)
points = read(os.environ["INCIDENTS_BENCH_POINTS"])
window = st.slider("Days", 0, 2_191, (0, 2_191))
kept = points[points["day"].between(*window)]
shown = folium.Map(location=(33.9, 42.2), zoom_start=6, tiles=None, maxZoom=18, prefer_canvas=True)
sent = kept[["latitude", "longitude"]].to_numpy().tolist()
FastMarkerCluster(sent, callback=CALLBACK).add_to(shown)  # type: ignore[no-untyped-call]
st_folium(shown, width=1_120, height=600, returned_objects=[])
