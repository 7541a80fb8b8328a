"""A peer: one pydeck ScatterplotLayer, Streamlit's own way to many points. Run by the measurement."""

import os

import pandas as pd
import pydeck  # type: ignore[import-untyped]
import streamlit as st

read = st.cache_data(pd.read_parquet)
points = read(os.environ["INCIDENTS_BENCH_POINTS"])
window = st.slider("Days", 0, 2_191, (0, 2_191))
kept = points.loc[points["day"].between(*window), ["longitude", "latitude"]]
layer = pydeck.Layer(
    "ScatterplotLayer", kept, get_position=["longitude", "latitude"], get_fill_color=[200, 70, 10], radius_min_pixels=3
)
start = pydeck.ViewState(longitude=42.2, latitude=33.9, zoom=5.4)
st.pydeck_chart(pydeck.Deck(layers=[layer], initial_view_state=start, map_style=None, map_provider=None), height=600)
