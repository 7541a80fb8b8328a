/* The map's heart: takes what Python drew, keeps it, and tells the page when it has been painted.
   Everything that comes from a record reaches the page through textContent, never as markup. */
"use strict";

window.incidentAtlas = (() => {
  const state = {
    map: null,
    drawing: null,
    groups: new Map(), // layer key -> Leaflet layer group that stands for it in the layer tree
    listeners: [],
    quiet: false, // true while the tree is set by program, so that it does not answer
    paints: 0,
    record: "", // id of the record that is open
    asked: 0, // drawings handed over so far
    gone: 0, // number of the last move asked for and made
    drawnZoom: null, // zoom for which the server grouped the symbols
  };

  /** Call `listener(drawing)` with every new drawing. */
  function onDrawing(listener) {
    state.listeners.push(listener);
    if (state.drawing) listener(state.drawing);
  }

  /** Unpack what Python packed: JSON, deflated, in base64. */
  async function decode(base64) {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const inflated = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(inflated).json();
  }

  /** Take a new drawing from the server; the map keeps its place. Only the newest of several is drawn. */
  async function show(base64) {
    const number = ++state.asked;
    const drawing = await decode(base64);
    if (number === state.asked) take(drawing);
  }

  function take(drawing) {
    state.drawing = drawing;
    state.drawnZoom = drawing.zoom;
    setLayers(new Set(drawing.layers));
    goTo(drawing.goto);
    for (const listener of state.listeners) listener(drawing);
    announce();
    regroup();
  }

  /** Ask the server to group the symbols for the zoom on screen, when that is another than they were made for. */
  async function regroup() {
    if (!state.map || !state.drawing || Math.abs(state.map.getZoom() - state.drawnZoom) < 0.05) return;
    const { drawing } = state;
    const zoom = state.map.getZoom();
    state.drawnZoom = zoom;
    const made = await fetchJson(`/api/drawing?${drawing.query}&zoom=${zoom.toFixed(2)}`).catch(() => null);
    if (made && state.drawing === drawing) take({ ...drawing, ...made, zoom });
  }

  /** Set the readiness signal once the frame that holds the drawing is committed. */
  function announce() {
    const paint = ++state.paints;
    requestAnimationFrame(() => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        if (paint !== state.paints || !state.map || !state.drawing) return;
        const data = state.map.getContainer().dataset;
        data.shown = state.drawing.shown;
        data.marks = state.drawing.marks.length + state.drawing.margin.length;
        data.zoom = state.drawnZoom;
        data.view = state.drawing.query;
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
    map.on("zoomend", regroup);
    onDrawing(writeAddress);
    map.on("overlayadd overlayremove", reportLayers);
    fill(map);
    coordinates(map);
    if (state.drawing) {
      announce();
      regroup();
    }
    const { basemap, legend, record, relations, marks } = window.incidentAtlas;
    basemap.start(map);
    record.start(map);
    if (relations) relations.start(map); // a page from disk has none
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

  /** Build an element; text is always text. */
  function element(tag, className, text, ...children) {
    const node = document.createElement(tag);
    if (className) node.className = className;
    if (text !== undefined && text !== null) node.textContent = text;
    node.append(...children);
    return node;
  }

  /** Fetch JSON of the map's own server; an answer that is no success becomes an error with its message. */
  async function fetchJson(path) {
    const response = await fetch(path, { headers: { Accept: "application/json" } });
    const body = await response.json().catch(() => ({}));
    if (!response.ok) throw new Error(body.error || `The server answered ${response.status}.`);
    return body;
  }

  return { state, show, start, writeAddress, onDrawing, registerLayer, layersOn, element, fetchJson, announce };
})();
