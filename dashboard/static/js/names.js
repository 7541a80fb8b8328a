/* Names of towns, water and countries on the map: none overlaps another, and none is half hidden by a symbol. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const FONT = '"Source Sans", "Source Sans Pro", "Noto Sans", sans-serif';
  const DOT_GAP_PX = 5; // from a town's dot to its name
  const SYMBOL_GAP_PX = 2; // from a symbol that covers the dot
  const STEADY_PX = 6; // by which a name may be off its best place rather than move

  const still = (value) => () => value;
  const WATER = { ink: "#5d8494", halo: "rgba(233,239,240,0.6)", dot: false, spacing: "0.4px", weight: still("italic 400"), size: still(11) };
  const STYLES = {
    town: {
      ink: "#4d463c", halo: "rgba(246,244,238,0.9)", dot: true, spacing: "0px",
      weight: (rank) => (rank <= 4 ? 600 : 400), size: (rank) => (rank <= 4 ? 12.5 : rank <= 6 ? 11.5 : 10.5),
    },
    river: WATER, lake: WATER, sea: { ...WATER, spacing: "1.2px", size: still(12.5) },
    country: { ink: "#8b8172", halo: "rgba(246,244,238,0.7)", dot: false, spacing: "2px", weight: still(500), size: still(13) },
  };

  const SLANT = Math.SQRT1_2; // half-way between two sides

  /** Where a name's base line may begin around a point: right, left, above, below, and between these. */
  const SIDES = [
    ({ x, y }, gap, width, size) => [x + gap, y + 0.35 * size],
    ({ x, y }, gap, width, size) => [x - gap - width, y + 0.35 * size],
    ({ x, y }, gap, width, size) => [x - width / 2, y - gap - 0.2 * size],
    ({ x, y }, gap, width, size) => [x - width / 2, y + gap + 0.8 * size],
    ({ x, y }, gap, width, size) => [x + SLANT * gap + 2, y - SLANT * gap - 0.25 * size - 1],
    ({ x, y }, gap, width, size) => [x + SLANT * gap + 2, y + SLANT * gap + 0.8 * size + 1],
    ({ x, y }, gap, width, size) => [x - SLANT * gap - width - 2, y - SLANT * gap - 0.25 * size - 1],
    ({ x, y }, gap, width, size) => [x - SLANT * gap - width - 2, y + SLANT * gap + 0.8 * size + 1],
  ];

  /** What a name fills, with the paper around its letters. */
  const boxAt = ([left, base], width, size) => [left - 2, base - 0.8 * size - 1, left + width + 2, base + 0.25 * size + 1];
  const withDot = ([left, top, right, bottom], { x, y }) => [Math.min(left, x - 3), Math.min(top, y - 3), Math.max(right, x + 3), Math.max(bottom, y + 3)];
  const overlap = (a, b) => a[0] < b[2] && a[2] > b[0] && a[1] < b[3] && a[3] > b[1];

  /** Tell whether a symbol, a circle, reaches into a box. */
  function reaches({ x, y, r }, [left, top, right, bottom]) {
    const east = x - Math.max(left, Math.min(right, x));
    const south = y - Math.max(top, Math.min(bottom, y));
    return east * east + south * south < r * r;
  }

  const CELL_PX = 64; // twice the widest symbol, and as wide as most names

  /** Symbols by the squares of the screen that they reach into: 80 names have 9 places each among 500 symbols. */
  class Crowd {
    constructor(symbols) {
      this.cells = new Map();
      for (const symbol of symbols) {
        const { x, y } = symbol;
        const r = symbol.r + SYMBOL_GAP_PX;
        this._each([x - r, y - r, x + r, y + r], (key) => {
          if (this.cells.has(key)) this.cells.get(key).push(symbol);
          else this.cells.set(key, [symbol]);
        });
      }
    }
    _each([left, top, right, bottom], act) {
      for (let row = Math.floor(top / CELL_PX); row <= bottom / CELL_PX; row++)
        for (let column = Math.floor(left / CELL_PX); column <= right / CELL_PX; column++) if (act(row * 65536 + column)) return true;
      return false;
    }
    reachesInto(box) {
      return this._each(box, (key) => this.cells.get(key)?.some((symbol) => reaches(symbol, box)));
    }
    /** The largest symbol that stands on a point. */
    over({ x, y }) {
      let largest = null;
      const covers = (symbol) => Math.hypot(symbol.x - x, symbol.y - y) < symbol.r + SYMBOL_GAP_PX && symbol.r > (largest?.r ?? 0);
      this._each([x, y, x, y], (key) => this.cells.get(key)?.forEach((symbol) => covers(symbol) && (largest = symbol)));
      return largest;
    }
  }

  const NameLayer = L.Renderer.extend({
    options: { pane: "atlas-labels", padding: 0.25 },
    initialize(labels) {
      L.setOptions(this, {});
      L.stamp(this);
      this._layers = {};
      this.labels = labels
        .map((f) => ({ at: L.latLng(f.geometry.coordinates[1], f.geometry.coordinates[0]), style: STYLES[f.properties.kind] || STYLES.town, ...f.properties }))
        .sort((a, b) => a.rank - b.rank);
      this.placed = [];
      this.sizes = new Map(); // widths of names in the fonts that are there
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
      if (!atlas.basemap.stillFills(this)) this.renew();
    },
    renew() {
      atlas.basemap.cover(this, L.Renderer.prototype._update);
      this.sizes.clear();
      this.placed = this._place();
      const ctx = atlas.basemap.sizeCanvas(this);
      for (const one of this.placed) paintName(ctx, one);
    },
    /** Keep clear of the symbols that are painted now; a name that stands as it stood is not painted again. */
    arrange() {
      if (!this._map || !atlas.basemap.stillFills(this)) return; // the map has moved: all is about to be painted
      const before = this.placed;
      this.placed = this._place();
      const lacks = (names) => {
        const keys = new Set(names.map(({ key }) => key));
        return ({ key }) => !keys.has(key);
      };
      for (const { box } of before.filter(lacks(this.placed))) this._ctx.clearRect(box[0], box[1], box[2] - box[0], box[3] - box[1]);
      for (const one of this.placed.filter(lacks(before))) paintName(this._ctx, one);
    },
    /** Find a place for each name, by rank: `from` is where its base line begins, `box` what it and its dot fill. */
    _place() {
      const zoom = this._map.getZoom();
      const crowd = new Crowd(atlas.markLayer ? atlas.markLayer.standing() : []);
      const before = new Map(this.placed.map((one) => [one.label, one]));
      const told = new Set(); // symbols that have a name beside them: a second one would not say whose it is
      const placed = [];
      for (const label of this.labels) {
        if (label.rank > zoom + 0.5) continue;
        const at = this._map.latLngToLayerPoint(label.at);
        if (!this._bounds.contains(at)) continue;
        const found = this._find(label, at, crowd, told, before.get(label), (box) => !placed.some((one) => overlap(one.box, box)));
        if (found) placed.push({ label, ...found, key: `${label.name} ${label.at} ${found.from} ${Boolean(found.at)}` });
      }
      return placed;
    },
    _find(label, at, crowd, told, before, isClear) {
      const { width, size } = this._size(label);
      if (!label.style.dot) return this._findAcross(label, at, crowd, isClear);
      const over = crowd.over(at);
      if (over && told.has(over)) return null;
      const box = (from) => (over ? boxAt(from, width, size) : withDot(boxAt(from, width, size), at));
      const isFree = (from) => isClear(box(from)) && !crowd.reachesInto(boxAt(from, width, size));
      const around = SIDES.map((side) => (over ? side(over, over.r + SYMBOL_GAP_PX, width, size) : side(at, DOT_GAP_PX, width, size)));
      const kept = before && around.some(([x, y]) => Math.hypot(x - before.from[0], y - before.from[1]) <= STEADY_PX) ? [before.from] : [];
      const from = [...kept, ...around].find(isFree);
      if (!from) return null;
      if (over) told.add(over);
      return { at: over ? null : at, from, box: box(from) };
    },
    /** Names of water and countries stand where they stand, turned along a river, or not at all. */
    _findAcross(label, at, crowd, isClear) {
      const { width, size } = this._size(label);
      const turn = ((label.angle || 0) * Math.PI) / 180;
      const east = (width * Math.abs(Math.cos(turn)) + size * Math.abs(Math.sin(turn))) / 2;
      const south = (width * Math.abs(Math.sin(turn)) + size * Math.abs(Math.cos(turn))) / 2;
      const box = [at.x - east, at.y - south, at.x + east, at.y + south];
      const isFree = isClear(box) && !crowd.reachesInto(box);
      return isFree ? { at, from: [at.x - width / 2, at.y + 4], box } : null;
    },
    _size(label) {
      if (!this.sizes.has(label)) {
        const size = setFont(this._ctx, label);
        this.sizes.set(label, { width: this._ctx.measureText(label.name).width, size });
      }
      return this.sizes.get(label);
    },
  });

  function setFont(ctx, { style, rank }) {
    const size = style.size(rank);
    ctx.font = `${style.weight(rank)} ${size}px ${FONT}`;
    ctx.letterSpacing = style.spacing;
    return size;
  }

  /** Paint a name, and the dot of its town where no symbol stands on it. */
  function paintName(ctx, { label, at, from: [left, base] }) {
    const { style } = label;
    if (style.dot && at) {
      ctx.fillStyle = "#6f675b";
      ctx.beginPath();
      ctx.arc(at.x, at.y, label.rank <= 4 ? 2.1 : 1.5, 0, 2 * Math.PI);
      ctx.fill();
    }
    ctx.save();
    setFont(ctx, label);
    if (style.dot) ctx.translate(left, base);
    else ctx.translate(at.x, at.y + 4);
    if (label.angle) ctx.rotate((-label.angle * Math.PI) / 180);
    const shift = style.dot ? 0 : left - at.x;
    ctx.lineJoin = "round";
    ctx.lineWidth = 3;
    ctx.strokeStyle = style.halo;
    ctx.strokeText(label.name, shift, 0);
    ctx.fillStyle = style.ink;
    ctx.fillText(label.name, shift, 0);
    ctx.restore(); // the spacing of letters too
  }

  /** Put the names on the map; the symbols' layer tells when it has painted others. */
  function start(map, labels) {
    const layer = new NameLayer(labels).addTo(map);
    atlas.names.layer = layer;
    atlas.typeface?.then(() => layer.renew());
  }

  const arrange = () => atlas.names.layer?.arrange();

  atlas.names = { start, arrange, layer: null };
})();
