/* What surrounds an open record: dated lines to the records it is linked with, facilities near it, and reach rings. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { element } = atlas;
  const KM_CHOICES = [5, 10, 25, 50, 100, 250];
  const REACH_KM = 100; // what the field holds at first; any distance can be typed
  let lines = null; // Leaflet group of the open record's lines
  let rings = null; // Leaflet group of reach rings; they stay until they are cleared
  let within = 25;

  function start(map) {
    const pane = map.createPane("atlas-relations");
    pane.style.zIndex = 440;
    pane.style.pointerEvents = "none";
    lines = L.layerGroup().addTo(map);
    rings = L.layerGroup().addTo(map);
    map.on("contextmenu", (event) => {
      const at = { longitude: event.latlng.lng, latitude: event.latlng.lat, name: "this point" };
      L.popup({ className: "atlas-reach-popup" }).setLatLng(event.latlng).setContent(reachForm(at)).openOn(map);
    });
  }

  function clear() {
    if (lines) lines.clearLayers();
  }

  /** Draw the open record's lines and return what the drawer says of them. */
  function sections(record) {
    clear();
    if (record.place) for (const other of record.relations || []) drawLine(record.place, other);
    const made = [];
    if (record.relations && record.relations.length) made.push(linkSection(record.relations));
    if (record.near) made.push(nearSection(record));
    return made;
  }

  /** The records linked with this one, also those that name it: answers, denials, counts that hold it. */
  function linkSection(others) {
    const rows = others.map((other) => {
      const open = element("button", "atlas-link", other.id);
      open.type = "button";
      open.onclick = () => atlas.record.openRecord(other.id);
      const way = other.outgoing ? other.relation : `${other.relation}, told by that record`;
      return element("li", "", null, `${other.date} ${other.type} `, open, element("small", "", ` ${way}`));
    });
    return element("section", "atlas-near", null, element("h4", "", "Linked records"), element("ul", "", null, ...rows));
  }

  function drawLine(place, other) {
    if (!other.place) return;
    const ends = [place, other.place].map((end) => [end.latitude, end.longitude]);
    if (ends[0][0] === ends[1][0] && ends[0][1] === ends[1][1]) return;
    const vague = place.area || other.place.area;
    const line = L.polyline(ends, { pane: "atlas-relations", color: "#24292d", weight: 1.8, opacity: 0.85, dashArray: vague ? "4 5" : null, interactive: false });
    line.bindTooltip(element("span", "", `${other.relation}, ${other.date}`), { permanent: true, direction: "center", className: "atlas-line-label", pane: "atlas-relations" });
    lines.addLayer(line);
  }

  function nearSection(record) {
    const box = element("section", "atlas-near", null, element("h4", "", "Facilities near it, and reach"));
    const choice = element("select", "");
    choice.setAttribute("aria-label", "Distance");
    for (const km of KM_CHOICES) {
      const option = element("option", "", `within ${km} km`);
      option.value = km;
      option.selected = km === record.near.within_km;
      choice.append(option);
    }
    const list = element("ul", "");
    const note = element("p", "atlas-note", record.near.note);
    choice.onchange = async () => {
      within = Number(choice.value);
      const again = await atlas.fetchJson(address(record.id)).catch(() => null);
      if (again) fillNear(list, again.near);
    };
    fillNear(list, record.near);
    box.append(choice, list, note);
    if (record.place && !record.place.area) box.append(reachForm(record.place)); // an area is no point to measure from
    return box;
  }

  /** Address of a record with its surroundings as far as the reader has chosen. */
  function address(id) {
    const view = new URLSearchParams(atlas.state.drawing ? atlas.state.drawing.query : "");
    const asked = new URLSearchParams({ within });
    for (const key of ["public", "coords"]) if (view.get(key)) asked.set(key, view.get(key));
    return `/api/incident/${encodeURIComponent(id)}?${asked}`;
  }

  function fillNear(list, near) {
    const rows = near.facilities.map((one) => {
      const ring = element("button", "atlas-link", "reach");
      ring.type = "button";
      ring.title = `Draw a reach ring around ${one.name}`;
      const row = element("li", "", null, element("b", "", one.name), one.here ? " is the place itself " : ` ${one.distance_km} km ${one.compass} (${one.bearing_deg}°) `, ring);
      ring.onclick = () => {
        ring.replaceWith(reachForm(one));
      };
      return row;
    });
    if (!rows.length) rows.push(element("li", "", "None on record."));
    list.replaceChildren(...rows);
  }

  function reachForm(at) {
    const form = element("form", "atlas-reach");
    const km = element("input", "");
    km.type = "number";
    km.min = 1;
    km.max = 5000;
    km.step = "any";
    km.value = REACH_KM;
    km.setAttribute("aria-label", "Reach in kilometres");
    const draw = element("button", "", "Draw reach");
    const wipe = element("button", "", "Clear rings");
    wipe.type = "button";
    wipe.onclick = () => rings.clearLayers();
    form.append(element("span", "", `km around ${at.name}`), draw, wipe);
    form.prepend(km);
    form.onsubmit = async (event) => {
      event.preventDefault();
      const asked = new URLSearchParams({ lon: at.longitude, lat: at.latitude, km: km.value });
      const ring = await atlas.fetchJson(`/api/reach?${asked}`).catch(() => null);
      if (ring) drawRing(ring, at.name);
    };
    return form;
  }

  function drawRing(feature, name) {
    const style = { pane: "atlas-relations", color: "#24292d", weight: 1.6, dashArray: "8 5", fillOpacity: 0.04, interactive: false };
    const ring = L.geoJSON(feature, { style, pane: "atlas-relations", interactive: false });
    const [longitude, latitude] = labelCorner(feature.geometry.coordinates[0]);
    const label = L.tooltip({ permanent: true, direction: "top", className: "atlas-line-label", pane: "atlas-relations" });
    label.setLatLng([latitude, longitude]).setContent(element("span", "", `${feature.properties.radius_km} km around ${name}`));
    rings.addLayer(ring).addLayer(label);
  }

  /** The northernmost corner of a ring that is on the screen; none is: the one due north. */
  function labelCorner(ring) {
    const bounds = atlas.state.map.getBounds().pad(-0.06);
    const seen = ring.filter(([longitude, latitude]) => bounds.contains([latitude, longitude]));
    return seen.length ? seen.reduce((best, corner) => (corner[1] > best[1] ? corner : best)) : ring[0];
  }

  atlas.relations = { start, clear, sections, address };
})();
