/* What the Places view shows on the map: candidates by number, the point a person gave, and a click when it is asked for. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { element } = atlas;
  const MARK_PIXELS = 24;
  const EDGE_PIXELS = 50;
  const NEAREST_ZOOM = 8; // a governorate is in sight around its candidate
  let layer = null;
  let shown = 0; // number of the wording whose candidates were brought into sight
  let picking = false;
  let picks = 0; // tells two clicks on the same point apart: a value that stays the same is not told on

  atlas.onDrawing((drawing) => {
    const { map } = atlas.state;
    if (!map) return;
    if (!layer) prepare(map);
    layer.clearLayers();
    const places = drawing.places || { number: 0, candidates: [], point: null, picking: false };
    places.candidates.forEach(([longitude, latitude, name], at) => layer.addLayer(mark(longitude, latitude, String(at + 1), name, "")));
    if (places.point) layer.addLayer(mark(...places.point, "", "The point you gave", " atlas-given"));
    picking = places.picking;
    const container = map.getContainer();
    container.classList.toggle("atlas-picking", picking);
    container.dataset.candidates = places.candidates.length;
    container.dataset.picking = String(picking);
    container.dataset.point = places.point ? places.point.join(",") : "";
    if (places.number && places.number !== shown) bringIntoSight(map, places.candidates);
    shown = places.number;
  });

  function prepare(map) {
    layer = L.layerGroup().addTo(map);
    // Before Leaflet hears of it, so that a click that is asked for opens no record.
    map.getContainer().addEventListener("click", (event) => picking && pick(map, event), true);
  }

  function mark(longitude, latitude, text, name, className) {
    const html = element("span", "", text);
    const icon = L.divIcon({ html, className: `atlas-candidate${className}`, iconSize: [MARK_PIXELS, MARK_PIXELS] });
    const made = L.marker([latitude, longitude], { icon, alt: `${text} ${name}`.trim(), zIndexOffset: 1000 - Number(text) });
    return made.bindTooltip(element("span", "", name), { direction: "top", offset: [0, -MARK_PIXELS / 2] });
  }

  /** Show all likely candidates at once. */
  function bringIntoSight(map, candidates) {
    const points = candidates.filter(([, , , likely]) => likely).map(([longitude, latitude]) => [latitude, longitude]);
    if (!points.length) return;
    const legend = map.getContainer().querySelector(".atlas-legend");
    const beside = EDGE_PIXELS + Math.min(legend ? legend.offsetWidth : 0, map.getSize().x / 3); // nothing lies below the legend
    const room = { paddingTopLeft: [EDGE_PIXELS, EDGE_PIXELS], paddingBottomRight: [beside, EDGE_PIXELS] };
    map.fitBounds(L.latLngBounds(points), { ...room, maxZoom: NEAREST_ZOOM, animate: false });
  }

  /** Tell the page the longitude and latitude of a click; a drag and the map's own buttons are none. */
  function pick(map, event) {
    if (event.target.closest(".leaflet-control, .atlas-drawer") || (map.dragging && map.dragging.moved())) return;
    event.stopPropagation();
    const { lng, lat } = map.mouseEventToLatLng(event);
    window.Streamlit.setComponentValue({ layers: atlas.layersOn(), point: [lng, lat], pick: ++picks });
  }
})();
