/* One canvas for every mark: pins, discs, rings, hatched areas, piles, grid cells, and zones of what is threatened. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { Areas, inkArea, outlineArea, FADED } = atlas.areas;
  const INK = "#2c2924";
  const PAPER = "#fffdf8";

  /* Fields of one mark as Python packs it (dashboard/webmap/payload.py). */
  const SPOT = 0, LON = 1, LAT = 2, KIND = 3, RADIUS = 4, SHAPE = 5, FLAGS = 6, AREA = 7, SIZE = 8, PLACES = 9, COUNT = 10, PARTS = 11;
  const PIN = 0, DISC = 1, RING = 2, AREAL = 3, GROUP = 5, ZONE = 6;
  const POSSIBLE = 1, LOW = 2, POTENTIAL = 4, EXPIRED = 8;
  const ZONE_LEAST_PX = 24, MOST_HATCHED_PX = 160; // as in dashboard/symbols.py
  const GROUP_RING_PX = 3.2; // between a pile and the second ring around it
  const HOLE = 0.66; // of a pile's radius, for its number
  const DIVIDER_PX = 1.3, MOST_DIVIDED = 1 / 3; // gap between two parts of a mix, half way across the ring, and how much
  // of itself a part gives to its gaps at most: parts of like lightness stay apart without colour
  const MOST_PLACES = 12; // a symbol of more places opens by drawing nearer: a list of them is no help
  const BEYOND = 0.25; // of the map's size, painted on each side of it while it is moved
  const METRES_PER_PIXEL_Z0 = 156543.03392; // 2 pi 6378137 / 256, spherical Mercator at the equator

  const total = (mark) => mark[COUNT];

  function tracePolygon(ctx, corners, x, y, r) {
    ctx.beginPath();
    corners.forEach(([px, py], i) => (i ? ctx.lineTo(x + px * r, y + py * r) : ctx.moveTo(x + px * r, y + py * r)));
    ctx.closePath();
  }

  /** A single record: the type's shape in the category's colour; open where it only might fit, or did not happen. */
  function drawSymbol(ctx, corners, colour, x, y, r, flags) {
    tracePolygon(ctx, corners, x, y, r);
    const open = flags & (POSSIBLE | POTENTIAL);
    ctx.fillStyle = open ? PAPER : colour;
    ctx.fill();
    ctx.setLineDash(flags & LOW ? [2, 1.6] : []);
    ctx.lineWidth = open ? 2 : 1.2;
    ctx.strokeStyle = open ? colour : INK;
    ctx.stroke();
    ctx.setLineDash([]);
  }

  /** The mix of a pile as one fill, clockwise from the top: a wedge of its own for each colour took three times as long. */
  function pileColours(ctx, mark, categories, x, y, r) {
    if (mark.length === PARTS + 2) return categories[mark[PARTS]].colour;
    let whole = 0; // of the weights, which are shares where there are many records
    for (let i = PARTS + 1; i < mark.length; i += 2) whole += mark[i];
    const gap = DIVIDER_PX / (Math.PI * r * (1 + HOLE)); // of the way around
    const fill = ctx.createConicGradient(-Math.PI / 2, x, y);
    let from = 0;
    for (let i = PARTS; i < mark.length; i += 2) {
      const to = Math.min(1, from + mark[i + 1] / whole);
      const half = Math.min(gap, (to - from) * MOST_DIVIDED) / 2;
      const { colour } = categories[mark[i]];
      fill.addColorStop(from, PAPER);
      fill.addColorStop(from + half, PAPER);
      fill.addColorStop(from + half, colour);
      fill.addColorStop(to - half, colour);
      fill.addColorStop(to - half, PAPER);
      fill.addColorStop(to, PAPER);
      from = to;
    }
    return fill;
  }

  const frames = new Map(); // by radius, scale and whether it is a group's

  /** Everything of a pile but its mix and its number, inked once for each size: five fills and strokes for each of 200
      piles took 3 ms more than a picture. */
  function pileFrame(r, grouped, scale) {
    const key = `${r} ${grouped} ${scale}`;
    if (!frames.has(key)) frames.set(key, inkFrame(r, grouped, scale));
    return frames.get(key);
  }

  function inkFrame(r, grouped, scale) {
    const half = Math.ceil(r + (grouped ? GROUP_RING_PX : 0) + 1);
    const picture = new OffscreenCanvas(2 * half * scale, 2 * half * scale);
    const pen = picture.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, half * scale, half * scale);
    const circle = (radius) => pen.arc(0, 0, radius, 0, 2 * Math.PI);
    const ink = (radius) => {
      pen.beginPath();
      circle(radius);
      pen.stroke();
    };
    pen.strokeStyle = INK;
    if (grouped) {
      pen.fillStyle = "rgba(255, 253, 248, 0.75)";
      circle(r + GROUP_RING_PX);
      circle(r);
      pen.fill("evenodd");
      ink(r + GROUP_RING_PX);
    }
    ink(r);
    pen.beginPath();
    circle(r * HOLE);
    pen.fillStyle = PAPER;
    pen.fill();
    return { picture, half };
  }

  /** Several records at one place: a ring that shows the mix, with their number. Several places have a second ring
      around it, which says that it opens when the map is drawn nearer. */
  function drawPile(ctx, mark, categories, x, y, r) {
    ctx.beginPath();
    ctx.arc(x, y, r, 0, 2 * Math.PI);
    ctx.fillStyle = pileColours(ctx, mark, categories, x, y, r);
    ctx.fill();
    const { picture, half } = pileFrame(r, mark[KIND] === GROUP, window.devicePixelRatio || 1);
    ctx.drawImage(picture, x - half, y - half, 2 * half, 2 * half);
    drawNumber(ctx, total(mark), x, y, r * HOLE);
  }

  function drawNumber(ctx, n, x, y, r) {
    const text = n >= 10000 ? `${Math.round(n / 1000)}k` : String(n);
    ctx.fillStyle = INK;
    const font = `600 ${Math.round(Math.max(9, Math.min(13, (2.7 * r) / Math.max(1.6, text.length))))}px "Source Sans", "Noto Sans", sans-serif`;
    if (ctx.atlasFont !== font) ctx.font = ctx.atlasFont = font; // setting it is slow, even to what it is
    ctx.textAlign = "center";
    ctx.textBaseline = "middle";
    ctx.fillText(text, x, y + 0.5);
    ctx.textAlign = "start";
    ctx.textBaseline = "alphabetic";
  }

  const MarkLayer = L.Renderer.extend({
    options: { pane: "atlas-marks", padding: 0 },
    initialize(symbols) {
      L.setOptions(this, {});
      L.stamp(this);
      this._layers = {};
      this.symbols = symbols;
      this.drawn = [];
    },
    onAdd() {
      const pane = this._map.createPane("atlas-marks");
      pane.style.zIndex = 420;
      pane.style.pointerEvents = "none";
      this.areas = new Areas(this._map);
      L.Renderer.prototype.onAdd.call(this);
      this._map.on("zoomstart zoomend", ({ type }) => (this._zooming = type === "zoomstart"));
      this._map.on("mousedown movestart", this._reachOut, this);
      this._map.on("click", this._onClick, this);
      this._map.on("mousemove", this._onMove, this);
      this._map.on("mouseout", () => atlas.hover && atlas.hover(null));
    },
    _initContainer() {
      this._container = document.createElement("canvas");
      this._container.className = "atlas-marks leaflet-zoom-animated";
      this._ctx = this._container.getContext("2d");
    },
    _destroyContainer() {
      this._container.remove();
    },
    _onZoomEnd() {},
    _update() {
      if (!atlas.basemap.stillFills(this)) this._cover(this._isMoving() ? BEYOND : 0);
    },
    /** Lay the canvas over the map on screen and `padding` of its size around it, and paint. What comes in from the edges
        of a map that moves has to be there; while it rests, more than half of those pixels would be painted for nobody. */
    _cover(padding) {
      this.options.padding = padding;
      atlas.basemap.cover(this, L.Renderer.prototype._update);
      this.paint();
    },
    _isMoving() {
      const { _animatingZoom, _panAnim, dragging } = this._map;
      return _animatingZoom || _panAnim?._inProgress || dragging.moving();
    },
    /** The map is about to move; to zoom, what is painted is scaled. */
    _reachOut() {
      if (!this._zooming && this.options.padding !== BEYOND) this._cover(BEYOND);
    },
    /** Paint a new drawing; a map that is moving keeps its edges. */
    renew() {
      if (this._isMoving()) this.paint();
      else this._cover(0);
    },
    setAreas(features) {
      this.areas.take(features);
    },
    paint() {
      if (!this._map || !this._bounds) return;
      const ctx = atlas.basemap.sizeCanvas(this);
      const drawing = atlas.state.drawing;
      this.drawn = [];
      if (!drawing) return;
      for (const mark of drawing.margin) this._paintReach(ctx, mark, drawing);
      this._paintAreas(ctx, drawing.marks.filter((mark) => mark[KIND] === AREAL), drawing);
      this._paintZones(ctx, drawing.marks.filter((mark) => mark[KIND] === ZONE), drawing);
      if (drawing.density.length) this._paintDensity(ctx, drawing.density);
      if (atlas.layersOn().includes("facilities")) this._paintFacilities(ctx);
      for (const mark of drawing.marks) this._paintExtent(ctx, mark, drawing);
      const order = [...drawing.marks].sort((a, b) => b[SIZE] - a[SIZE]);
      const seen = this._bounds.pad(0.05); // a symbol whose middle is farther out does not reach in
      for (const mark of order) if (seen.contains(this._at(mark))) this._paintMark(ctx, mark, drawing);
      atlas.names.arrange();
    },
    /** Middle and radius in pixels of each symbol on the map as it stands now. */
    standing() {
      return (atlas.state.drawing?.marks ?? []).map((mark) => this._circle(mark));
    },
    _circle(mark) {
      const { x, y } = this._at(mark);
      return { x, y: mark[KIND] === PIN ? y - mark[SIZE] - 4 : y, r: mark[SIZE] + (mark[KIND] === GROUP ? GROUP_RING_PX : 0) };
    },
    _at(mark) {
      return this._map.latLngToLayerPoint([mark[LAT], mark[LON]]);
    },
    _pixels(mark) {
      const perPixel = (METRES_PER_PIXEL_Z0 * Math.cos((mark[LAT] * Math.PI) / 180)) / 2 ** this._map.getZoom();
      return mark[RADIUS] / perPixel;
    },
    _paintAreas(ctx, marks, drawing) {
      for (const mark of marks) this.areas.paint(ctx, this._bounds, mark[AREA], this._look(mark, drawing));
    },
    _look(mark, drawing) {
      return { colour: drawing.categories[mark[PARTS]].colour, potential: mark[FLAGS] & POTENTIAL, faded: mark[FLAGS] & EXPIRED };
    },
    /** The areas around what is threatened: those that look alike are hatched as one, so that none is hatched twice. */
    _paintZones(ctx, zones, drawing) {
      const alike = new Map();
      for (const mark of zones) {
        const look = Object.values(this._look(mark, drawing)).join();
        alike.set(look, [...(alike.get(look) || []), mark]);
      }
      for (const marks of alike.values()) {
        for (const mark of marks) this._paintLead(ctx, mark, drawing);
        const { colour, faded } = this._look(marks[0], drawing);
        const wide = marks.filter((mark) => mark[PLACES] > 1 && this._zone(mark).r > MOST_HATCHED_PX);
        const hatched = marks.filter((mark) => !wide.includes(mark));
        if (hatched.length) inkArea(ctx, this._circles(hatched), colour, POTENTIAL, faded, "nonzero");
        if (wide.length) outlineArea(ctx, this._circles(wide), colour, POTENTIAL, faded);
      }
    },
    _circles(marks) {
      const path = new Path2D();
      for (const mark of marks) {
        const { middle, r } = this._zone(mark);
        path.moveTo(middle.x + r, middle.y);
        path.arc(middle.x, middle.y, r, 0, 2 * Math.PI);
      }
      return path;
    },
    _zone(mark) {
      const [longitude, latitude] = mark[AREA];
      return { middle: this._map.latLngToLayerPoint([latitude, longitude]), r: Math.max(this._pixels(mark), ZONE_LEAST_PX) };
    },
    /** A line from the edge of a zone to its sign, where that stands away from it. */
    _paintLead(ctx, mark, drawing) {
      const { middle, r } = this._zone(mark);
      const at = this._at(mark);
      const away = Math.hypot(at.x - middle.x, at.y - middle.y);
      if (away <= r + 1) return;
      ctx.globalAlpha = mark[FLAGS] & EXPIRED ? FADED : 1;
      ctx.beginPath();
      ctx.moveTo(middle.x + ((at.x - middle.x) * r) / away, middle.y + ((at.y - middle.y) * r) / away);
      ctx.lineTo(at.x, at.y);
      ctx.lineWidth = 1;
      ctx.strokeStyle = drawing.categories[mark[PARTS]].colour;
      ctx.stroke();
      ctx.globalAlpha = 1;
    },
    /** Countries said to be in reach: their outlines alone, for nothing is known to have happened there. */
    _paintReach(ctx, mark, drawing) {
      if (!Array.isArray(mark[AREA])) return;
      ctx.lineWidth = 2.2;
      ctx.setLineDash([9, 4, 2, 4]);
      ctx.strokeStyle = drawing.categories[mark[PARTS]].colour;
      for (const { path } of mark[AREA].map((id) => this.areas.outline(id)).filter(Boolean)) ctx.stroke(path);
      ctx.setLineDash([]);
    },
    /** Draw how far the true point may lie: a town's disc, a ring around a place. */
    _paintExtent(ctx, mark, drawing) {
      if (mark[KIND] !== DISC && mark[KIND] !== RING) return;
      const at = this._at(mark);
      const r = Math.max(this._pixels(mark), mark[SIZE] + 3.5);
      const colour = drawing.categories[mark[PARTS]].colour;
      ctx.beginPath();
      ctx.arc(at.x, at.y, r, 0, 2 * Math.PI);
      ctx.globalAlpha = mark[KIND] === DISC ? 0.2 : 0.07;
      ctx.fillStyle = colour;
      ctx.fill();
      ctx.globalAlpha = 0.8;
      ctx.lineWidth = mark[KIND] === DISC ? 0.8 : 1.4;
      ctx.setLineDash(mark[KIND] === RING ? [5, 4] : []);
      ctx.strokeStyle = colour;
      ctx.stroke();
      ctx.setLineDash([]);
      ctx.globalAlpha = 1;
    },
    _paintMark(ctx, mark, drawing) {
      const at = this._at(mark);
      const r = mark[SIZE];
      ctx.globalAlpha = mark[FLAGS] & EXPIRED ? FADED : 1;
      if (mark[KIND] === PIN) this._paintPinFoot(ctx, at, r);
      const y = mark[KIND] === PIN ? at.y - r - 4 : at.y;
      const badged = mark[KIND] === AREAL || (mark[KIND] === ZONE && total(mark) > 1);
      if (badged) this._paintBadge(ctx, mark, drawing, at);
      else if (total(mark) === 1 && mark[KIND] !== GROUP)
        drawSymbol(ctx, this.symbols[mark[SHAPE]], drawing.categories[mark[PARTS]].colour, at.x, y, r, mark[FLAGS]);
      else drawPile(ctx, mark, drawing.categories, at.x, y, r);
      ctx.globalAlpha = 1;
      this.drawn.push({ x: at.x, y, r: r + 3, mark });
    },
    /** A pin stands on its point: the stem says that the place itself is known. */
    _paintPinFoot(ctx, at, r) {
      ctx.beginPath();
      ctx.moveTo(at.x, at.y - r - 3);
      ctx.lineTo(at.x, at.y);
      ctx.lineWidth = 1.6;
      ctx.strokeStyle = INK;
      ctx.stroke();
      ctx.beginPath();
      ctx.arc(at.x, at.y, 1.8, 0, 2 * Math.PI);
      ctx.fillStyle = INK;
      ctx.fill();
    },
    /** An area carries its number in a square badge, so that it is not taken for a place. */
    _paintBadge(ctx, mark, drawing, at) {
      const n = total(mark);
      const half = mark[SIZE] * 0.82;
      ctx.fillStyle = PAPER;
      ctx.strokeStyle = drawing.categories[mark[PARTS]].colour;
      ctx.lineWidth = 2.2;
      ctx.beginPath();
      ctx.roundRect(at.x - half, at.y - half, 2 * half, 2 * half, 3);
      ctx.fill();
      ctx.setLineDash(mark[FLAGS] & POTENTIAL ? [4, 2.5] : []);
      ctx.stroke();
      ctx.setLineDash([]);
      drawNumber(ctx, n, at.x, at.y, half * 0.95);
    },
    _paintDensity(ctx, cells) {
      const most = Math.max(...cells.map((cell) => cell[4]));
      for (const [west, south, east, north, weight] of cells) {
        const a = this._map.latLngToLayerPoint([north, west]);
        const b = this._map.latLngToLayerPoint([south, east]);
        ctx.fillStyle = `rgba(150, 40, 20, ${(0.1 + 0.55 * Math.sqrt(weight / most)).toFixed(3)})`;
        ctx.fillRect(a.x, a.y, b.x - a.x, b.y - a.y);
      }
    },
    _paintFacilities(ctx) {
      for (const { longitude, latitude } of atlas.facilities || []) {
        const at = this._map.latLngToLayerPoint([latitude, longitude]);
        ctx.fillStyle = PAPER;
        ctx.strokeStyle = INK;
        ctx.lineWidth = 1.2;
        ctx.fillRect(at.x - 3, at.y - 3, 6, 6);
        ctx.strokeRect(at.x - 3, at.y - 3, 6, 6);
      }
    },
    _hit(event) {
      const p = event.layerPoint;
      let best = null;
      for (const spot of this.drawn) {
        const distance = Math.hypot(p.x - spot.x, p.y - spot.y);
        if (distance <= spot.r && (!best || distance / spot.r < best.distance)) best = { ...spot, distance: distance / spot.r };
      }
      return best && best.mark;
    },
    _onClick(event) {
      const mark = this._hit(event);
      if (!mark) return;
      if (mark[PLACES] > MOST_PLACES) this._map.setView([mark[LAT], mark[LON]], this._map.getZoom() + 1.6);
      else atlas.openMark(mark[SPOT]);
    },
    _onMove(event) {
      const mark = this._hit(event);
      this._map.getContainer().style.cursor = mark ? "pointer" : "";
      if (atlas.hover) atlas.hover(mark && mark[PLACES] <= MOST_PLACES ? mark[SPOT] : null, event.containerPoint);
    },
  });

  async function start(map, kit) {
    const layer = new MarkLayer(kit.symbols);
    atlas.facilities = kit.facilities;
    layer.addTo(map);
    atlas.markLayer = layer;
    atlas.onDrawing(() => layer.renew());
    map.on("overlayadd overlayremove", () => layer.paint());
    const areas = await Promise.all(["countries", "governorates", "districts"].map((name) => atlas.basemap.layerData(name)));
    for (const data of areas) layer.setAreas(data.features);
    layer.paint();
    atlas.announce();
  }

  atlas.marks = { start, drawSymbol, drawPile, total, tracePolygon, PARTS, POTENTIAL, EXPIRED };
})();
