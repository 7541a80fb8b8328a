/* The map's heart: takes what Python drew, keeps it, and tells the page when it has been painted.
   Everything that comes from a record reaches the page through textContent, never as markup. */
"use strict";

window.incidentAtlas = (() => {
  const element = window.incidentElement;
  const state = {
    map: null,
    drawing: null,
    groups: new Map(), // layer key -> Leaflet layer group that stands for it in the layer tree
    listeners: [],
    quiet: false, // true while the tree is set by program, so that it does not answer
    paints: 0,
    record: "", // id of the record that is open
    gone: 0, // number of the last move asked for and made
    drawnZoom: null, // zoom for which the server grouped the symbols
  };

  /** Call `listener(drawing)` with every new drawing. */
  function onDrawing(listener) {
    state.listeners.push(listener);
    if (state.drawing) listener(state.drawing);
  }

  const KEY_LENGTH = 8; // characters before the content, which name it (dashboard/webmap/payload.py)

  /** Unpack what Python packed: a key, then deflated JSON. At once, or the panels around the map would come first. */
  function decode(bytes) {
    const key = String.fromCharCode(...bytes.subarray(0, KEY_LENGTH));
    const text = new TextDecoder().decode(window.fflate.unzlibSync(bytes.subarray(KEY_LENGTH)));
    return { ...unpack(JSON.parse(text)), key };
  }

  /** Turn the columns of marks to rows as marks.js reads them: fields, then [category, weight] from most to least. */
  function unpack(drawing) {
    const rows = (c) =>
      c.spot.map((spot, i) => {
        const parts = c.weights.map((column, category) => [category, column[i]]).filter((part) => part[1]);
        parts.sort((a, b) => b[1] - a[1]);
        const at = [c.longitude[i] * drawing.step, c.latitude[i] * drawing.step];
        return [spot, ...at, c.kind[i], c.radius[i], c.shape[i], c.flags[i], c.ground[i], c.size[i], c.places[i], c.count[i], ...parts.flat()];
      });
    return { ...drawing, marks: rows(drawing.marks), margin: rows(drawing.margin) };
  }

  /** Take a new drawing that came with the page; the map keeps its place. */
  function show(base64) {
    const text = atob(base64);
    const bytes = new Uint8Array(text.length);
    for (let i = 0; i < bytes.length; i += 1) bytes[i] = text.charCodeAt(i);
    receive(bytes);
    expect(state.drawing.key);
  }

  /** Hear from the page which drawing goes with its panels. */
  function expect(key) {
    window.incidentAtlas.line.expect(key);
  }

  /** Draw what was handed over, whichever way it came. */
  function receive(bytes) {
    const drawing = decode(bytes);
    take(drawing);
    window.incidentAtlas.line.listen(drawing.reader);
  }

  function take(drawing) {
    grouping = { what: "", made: null, answer: null };
    state.drawing = drawing;
    state.drawnZoom = drawing.zoom;
    setLayers(new Set(drawing.layers));
    goTo(drawing.goto);
    for (const listener of state.listeners) listener(drawing);
    announce();
    regroup();
  }

  let grouping = { what: "", made: null, answer: null }; // what was asked for last, and what came

  /** Ask the server to group the symbols for a zoom. */
  function askGrouping(zoom) {
    const what = `${state.drawing.query}&zoom=${zoom.toFixed(2)}`;
    if (what === grouping.what) return grouping;
    const asked = { what, made: null };
    asked.answer = fetchJson(`/api/drawing?${what}`).then((made) => (asked.made = made), () => null);
    return (grouping = asked);
  }

  /** The map is on its way to another zoom: its symbols are asked for while it is. */
  function foresee({ zoom }) {
    if (state.drawing) askGrouping(zoom);
  }

  /** Group the symbols for the zoom on screen, when that is another than they were made for. */
  function regroup() {
    if (!state.map || !state.drawing || Math.abs(state.map.getZoom() - state.drawnZoom) < 0.05) return;
    const { drawing } = state;
    const zoom = state.map.getZoom();
    state.drawnZoom = zoom;
    const asked = askGrouping(zoom);
    const group = (made) => made && state.drawing === drawing && take({ ...drawing, ...unpack(made), zoom });
    if (asked.made) group(asked.made); // at once, or the old symbols would be painted in between
    else asked.answer.then(group);
  }

  /** Set the readiness signal once the frame that holds the drawing is committed. */
  function announce() {
    const paint = ++state.paints;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        if (paint !== state.paints || !state.map || !state.drawing || !window.incidentAtlas.markLayer) return; // no marks yet
        window.incidentAtlas.line?.painted(state.drawing.key);
        const data = state.map.getContainer().dataset;
        data.shown = state.drawing.shown;
        data.marks = state.drawing.marks.length + state.drawing.margin.length;
        data.zoom = state.drawnZoom;
        data.view = state.drawing.query;
        writeAddress(); // after the paint: it takes the browser 10 ms
        data.ready = "true";
      };
      channel.port2.postMessage(0);
    });
  }

  /** Take over the map: the base map's script calls this once, when every script of ours is there. */
  async function start(map, home) {
    state.map = map;
    L.Icon.Default.imagePath = "/assets/vendor/leaflet/images/";
    const place = /[?&]map=([^&]*)/.exec(ownWindow().location.search);
    const [longitude, latitude, zoom] = place ? decodeURIComponent(place[1]).split(",").map(Number) : home;
    const usable = [longitude, latitude, zoom].every(Number.isFinite);
    map.setView(usable ? [latitude, longitude] : [home[1], home[0]], usable ? zoom : home[2], { animate: false });
    map.on("moveend", writeAddress);
    map.on("zoomanim", foresee);
    map.on("zoomend", regroup);
    map.on("overlayadd overlayremove", reportLayers);
    fill(map);
    coordinates(map);
    if (state.drawing) {
      announce();
      regroup();
    }
    const { basemap, legend, line, record, relations, marks } = window.incidentAtlas;
    line?.start(ownWindow()); // a page from disk has none
    basemap.start(map);
    record.start(map);
    if (relations) relations.start(map); // nor this
    const kit = await fetchJson("/api/drawing-kit");
    legend.start(map, kit.symbols);
    marks.start(map, kit);
  }

  /** The page that carries the map: the map itself lives in a frame of the same origin. */
  function ownWindow() {
    return window.parent || window;
  }

  /** Let the map fill its frame, whatever size the page gives it; its centre stays, because the address names it. */
  function fill(map) {
    const container = map.getContainer();
    container.style.width = "100%";
    container.style.height = "100vh";
    new ResizeObserver(() => map.invalidateSize({ animate: false })).observe(document.documentElement);
    map.invalidateSize({ animate: false });
  }

  /** Show the coordinates under the pointer, written with their hemisphere. */
  function coordinates(map) {
    const box = new L.Control({ position: "bottomleft" });
    box.onAdd = () => L.DomUtil.create("div", "atlas-coordinates");
    box.addTo(map);
    const written = (value, positive, negative) => `${Math.abs(value).toFixed(4)}° ${value < 0 ? negative : positive}`;
    map.on("mousemove", ({ latlng }) => {
      box.getContainer().textContent = `${written(latlng.lat, "N", "S")}  ${written(latlng.lng, "E", "W")}`;
    });
    map.on("mouseout", () => (box.getContainer().textContent = ""));
  }

  /** Keep the address bar equal to the view, without adding steps to the browser's history. */
  function writeAddress() {
    if (!state.drawing || !state.map) return;
    const centre = state.map.getCenter();
    const query = new URLSearchParams(state.drawing.query);
    if (state.record) query.set("record", state.record);
    else query.delete("record");
    query.set("map", `${centre.lng.toFixed(4)},${centre.lat.toFixed(4)},${state.map.getZoom().toFixed(2)}`);
    tellPlace(query.get("map"));
    const page = ownWindow();
    page.history.replaceState(page.history.state, "", `${page.location.pathname}?${query}`);
  }

  /** Move the map where a named view asks for; each request has its own number and is obeyed once. */
  function goTo(place) {
    if (!place || !state.map || place[3] === state.gone) return;
    state.gone = place[3];
    state.map.setView([place[1], place[0]], place[2], { animate: false });
  }

  let told = "";
  /** Tell the server which part of the map is on screen, once it has changed. */
  function tellPlace(place) {
    const message = `reader=${encodeURIComponent(state.drawing.reader)}&map=${encodeURIComponent(place)}`;
    if (message === told) return;
    told = message;
    fetchJson(`/api/viewport?${message}`).catch(() => (told = "")); // the answer is read, or the browser keeps it open
  }

  function registerLayer(key, group) {
    state.groups.set(key, group);
  }

  function setLayers(wanted) {
    if (!state.map) return;
    state.quiet = true;
    for (const [key, group] of state.groups) {
      if (wanted.has(key) && !state.map.hasLayer(group)) state.map.addLayer(group);
      if (!wanted.has(key) && state.map.hasLayer(group)) state.map.removeLayer(group);
    }
    state.quiet = false;
  }

  function layersOn() {
    return [...state.groups].filter(([, group]) => state.map.hasLayer(group)).map(([key]) => key);
  }

  let pending = 0;
  /** Tell the server which layers are on; one message for a whole branch switched at once. */
  function reportLayers() {
    if (state.quiet) return;
    clearTimeout(pending);
    pending = setTimeout(() => window.Streamlit.setComponentValue({ layers: layersOn() }), 30);
  }

  /** Fetch JSON of the map's own server; an answer that is no success becomes an error with its message. */
  async function fetchJson(path) {
    const response = await fetch(path, { headers: { Accept: "application/json" } });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(body.error || `The server answered ${response.status}.`);
    return body;
  }

  return { state, show, receive, expect, start, writeAddress, onDrawing, registerLayer, layersOn, element, fetchJson, announce };
})();
