"""The floor: an empty Streamlit page, a slider and the text it sets. Run by the measurement, never imported."""

import streamlit as st

first, last = st.slider("Days", 0, 2_191, (0, 2_191))
st.text(f"{first} to {last}")
