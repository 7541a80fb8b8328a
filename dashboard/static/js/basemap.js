/* The ground of the map: land, water and borders, drawn from files of our own server. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const LAYERS = ["countries", "lakes", "rivers", "governorates", "districts", "disputed", "labels"];
  const INK = {
    land: "#f1eee6", foreign: "#e9e5da", water: "#c9d8de", shore: "#9fb6bf", river: "#a9c4cf",
    border: "#7d7568", governorate: "#b9b0a0", district: "#d3cbbd", disputed: "#8a6d5a", unmapped: "#dedcd8",
  };
  const HOME_COUNTRIES = new Set(["IQ", "SY"]);
  const loaded = new Map();

  /** GeoJSON of one base layer; fetched once. */
  function layerData(name) {
    if (!loaded.has(name)) loaded.set(name, atlas.fetchJson(`/assets/basemap/${name}.geojson`));
    return loaded.get(name);
  }

  function pane(map, name, zIndex) {
    const made = map.createPane(name);
    made.style.zIndex = zIndex;
    made.style.pointerEvents = "none";
    return new Ground({ pane: name, padding: 0.25 });
  }

  const STYLES = {
    countries: (f) => ({ fillColor: HOME_COUNTRIES.has(f.properties.id) ? INK.land : INK.foreign, fillOpacity: 1, color: INK.border, weight: 1.1 }),
    lakes: () => ({ fillColor: INK.water, fillOpacity: 1, color: INK.shore, weight: 0.6 }),
    rivers: (f) => ({ color: INK.river, weight: f.properties.name ? 1.8 : 1, fill: false }),
    governorates: () => ({ color: INK.governorate, weight: 0.9, fill: false }),
    districts: () => ({ color: INK.district, weight: 0.7, fill: false, dashArray: "2 2" }),
    disputed: () => ({ color: INK.disputed, weight: 1.4, fill: false, dashArray: "5 4" }),
  };

  /** What lies beyond the mapped box, which would look like open sea. */
  function unmapped([west, south, east, north], renderer) {
    const ring = (w, s, e, n) => [[s, w], [n, w], [n, e], [s, e]];
    const corners = [ring(-180, -85, 180, 85), ring(west, south, east, north)];
    return L.polygon(corners, { renderer, pane: "atlas-ground", interactive: false, stroke: false, fillColor: INK.unmapped, fillOpacity: 1 });
  }

  /** The part of the map on screen, in the layer's pixels. */
  function onScreen(map) {
    const corner = map.containerPointToLayerPoint([0, 0]);
    return L.bounds(corner, corner.add(map.getSize()));
  }

  const placeOf = (map) => `${map.getPixelOrigin()} ${map.getZoom()} ${map.getSize()}`;

  /** Tell whether what a renderer has painted still fills the screen: Leaflet would paint it anew after every move. */
  function stillFills(renderer) {
    return renderer.paintedFor === placeOf(renderer._map) && renderer._bounds.contains(onScreen(renderer._map));
  }

  /** Lay a renderer's canvas over the map on screen and around it, as its padding says. */
  function cover(renderer, update) {
    renderer.paintedFor = placeOf(renderer._map);
    update.call(renderer);
  }

  const Ground = L.Canvas.extend({
    _update() {
      if (!stillFills(this)) cover(this, L.Canvas.prototype._update);
    },
  });

  /** Draw what comes in while the map is dragged far: Leaflet waits until it is let go, and the sea is blank ground. */
  function followDrag(map) {
    map.on("drag", () => map.eachLayer((layer) => layer instanceof L.Renderer && layer._update()));
  }

  async function start(map) {
    followDrag(map);
    map.getContainer().style.background = INK.water;
    const renderer = pane(map, "atlas-ground", 150);
    const made = {};
    const data = await Promise.all(LAYERS.map((name) => layerData(name)));
    LAYERS.forEach((name, index) => {
      if (name === "labels") return;
      made[name] = L.geoJSON(data[index], { renderer, pane: "atlas-ground", interactive: false, style: STYLES[name] });
    });
    for (const name of ["countries", "lakes", "rivers"]) made[name].addTo(map);
    unmapped(data[LAYERS.indexOf("countries")].bbox, renderer).addTo(map);
    const order = () => {
      for (const name of ["districts", "governorates", "disputed"]) made[name].remove();
      const on = new Set(atlas.layersOn());
      if (on.has("districts")) made.districts.addTo(map);
      if (on.has("governorates")) made.governorates.addTo(map);
      made.disputed.addTo(map);
    };
    map.on("overlayadd overlayremove", order);
    order();
    atlas.names.start(map, data[LAYERS.indexOf("labels")].features);
    map.getContainer().dataset.basemap = "true";
  }

  /** Size a renderer's canvas to its bounds at the screen's resolution and set its origin to the layer's. */
  function sizeCanvas(renderer) {
    const bounds = renderer._bounds;
    const canvas = renderer._container;
    const size = bounds.getSize();
    const scale = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(size.x * scale), Math.round(size.y * scale)];
    const ctx = renderer._ctx;
    L.DomUtil.setPosition(canvas, bounds.min);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
      canvas.style.width = `${size.x}px`;
      canvas.style.height = `${size.y}px`;
      ctx.atlasFont = "";
    } else {
      ctx.setTransform(1, 0, 0, 1, 0, 0);
      ctx.clearRect(0, 0, width, height); // a new size would take new memory for every drawing
    }
    ctx.setTransform(scale, 0, 0, scale, -bounds.min.x * scale, -bounds.min.y * scale);
    return ctx;
  }

  atlas.basemap = { start, layerData, sizeCanvas, stillFills, cover };
})();
