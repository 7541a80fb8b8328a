"""A page with an ordinary folium map and the controls that Incident Atlas uses."""

import folium
import streamlit as st
from folium.plugins import Fullscreen, MousePosition, TreeLayerControl
from streamlit_folium import st_folium

from dashboard.webmap import offline

offline.install()

HOSTILE = "{{ 'exec' ~ 'uted' }}"

ground = folium.Map(location=(33.3, 44.4), zoom_start=6, tiles=None, control_scale=True)
offline.DefaultIconPath().add_to(ground)
pins = folium.FeatureGroup(name="Pins").add_to(ground)
folium.Marker((33.3, 44.4), tooltip=HOSTILE, popup="Baghdad").add_to(pins)
folium.Marker((36.2, 44.0), icon=folium.Icon(color="red")).add_to(pins)
Fullscreen().add_to(ground)
MousePosition().add_to(ground)
TreeLayerControl(overlay_tree=[{"label": "Layers", "children": [{"label": "Pins", "layer": pins}]}]).add_to(ground)

st.header("بغداد Baghdad", anchor=False)
st_folium(ground, width=900, height=500, returned_objects=[])
