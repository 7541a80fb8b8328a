/* The ground of the map: land, water, borders and names, drawn from files of our own server. */
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
    new LabelLayer(data[LAYERS.indexOf("labels")].features, data[LAYERS.indexOf("governorates")].features).addTo(map);
    map.getContainer().dataset.basemap = "true";
  }

  /* Names of towns and governorates, placed greedily by rank so that none overlaps another. */
  const LabelLayer = L.Renderer.extend({
    options: { pane: "atlas-labels", padding: 0.25 },
    initialize(towns, governorates) {
      L.setOptions(this, {});
      L.stamp(this);
      this._layers = {};
      this.towns = towns
        .map((f) => ({ at: L.latLng(f.geometry.coordinates[1], f.geometry.coordinates[0]), ...f.properties }))
        .sort((a, b) => a.rank - b.rank);
    },
    onAdd() {
      if (!this._map.getPane("atlas-labels")) {
        const made = this._map.createPane("atlas-labels");
        made.style.zIndex = 350;
        made.style.pointerEvents = "none";
      }
      L.Renderer.prototype.onAdd.call(this);
    },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._ctx = this._container.getContext("2d");
    },
    _destroyContainer() {
      this._container.remove();
    },
    _onZoomEnd() {},
    _update() {
      if (stillFills(this)) return;
      cover(this, L.Renderer.prototype._update);
      const ctx = sizeCanvas(this);
      const zoom = this._map.getZoom();
      const taken = [];
      for (const town of this.towns) {
        if (town.rank > zoom + 0.5) continue;
        const at = this._map.latLngToLayerPoint(town.at);
        if (this._bounds.contains(at)) drawLabel(ctx, town, at, taken);
      }
    },
  });

  const FONT = '"Source Sans", "Source Sans Pro", "Noto Sans", sans-serif';

  function drawLabel(ctx, label, at, taken) {
    const style = LABELS[label.kind] || LABELS.town;
    const size = style.size(label.rank);
    ctx.font = `${style.weight(label.rank)} ${size}px ${FONT}`;
    ctx.letterSpacing = style.spacing;
    const width = ctx.measureText(label.name).width;
    const left = style.dot ? at.x + 5 : at.x - width / 2;
    const box = [left - 2, at.y - size, left + width + 2, at.y + 3];
    if (taken.some((b) => box[0] < b[2] && box[2] > b[0] && box[1] < b[3] && box[3] > b[1])) return;
    taken.push(box);
    if (style.dot) {
      ctx.fillStyle = "#6f675b";
      ctx.beginPath();
      ctx.arc(at.x, at.y, label.rank <= 4 ? 2.1 : 1.5, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.save();
    ctx.translate(style.dot ? left : at.x, at.y + (style.dot ? 1 : 4));
    if (label.angle) ctx.rotate((-label.angle * Math.PI) / 180);
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = style.halo;
    const shift = style.dot ? 0 : -width / 2;
    ctx.strokeText(label.name, shift, style.dot ? 3 : 0);
    ctx.fillStyle = style.ink;
    ctx.fillText(label.name, shift, style.dot ? 3 : 0);
    ctx.restore();
    ctx.letterSpacing = "0px";
  }

  const still = (value) => () => value;
  const WATER = { ink: "#5d8494", halo: "rgba(233,239,240,0.6)", dot: false, spacing: "0.4px", weight: still("italic 400"), size: still(11) };
  const LABELS = {
    town: {
      ink: "#4d463c", halo: "rgba(246,244,238,0.9)", dot: true, spacing: "0px",
      weight: (rank) => (rank <= 4 ? 600 : 400), size: (rank) => (rank <= 4 ? 12.5 : rank <= 6 ? 11.5 : 10.5),
    },
    river: WATER, lake: WATER, sea: { ...WATER, spacing: "1.2px", size: still(12.5) },
    country: { ink: "#8b8172", halo: "rgba(246,244,238,0.7)", dot: false, spacing: "2px", weight: still(500), size: still(13) },
  };

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
