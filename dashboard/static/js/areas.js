/* Areas of the gazetteer on the map: their outlines, and their hatching as pictures that are kept. */
"use strict";

window.incidentAtlas.areas = (() => {
  const FADED = 0.4; // opacity of a threat whose term had run out

  const patterns = new Map(); // one for each colour and direction, whatever canvas it is drawn on

  /** Diagonal hatching in one colour: an area, not a point. What is threatened is hatched the other way. */
  function hatch(ctx, colour, potential) {
    const key = `${colour} ${Boolean(potential)}`;
    if (!patterns.has(key)) patterns.set(key, hatchPattern(ctx, colour, potential));
    return patterns.get(key);
  }

  function hatchPattern(ctx, colour, potential) {
    const tile = document.createElement("canvas");
    tile.width = tile.height = 8;
    const pen = tile.getContext("2d");
    pen.strokeStyle = colour;
    pen.globalAlpha = 0.42;
    pen.lineWidth = 1.3;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
      pen.moveTo(shift, potential ? 0 : 8);
      pen.lineTo(shift + 8, potential ? 8 : 0);
    }
    pen.stroke();
    return ctx.createPattern(tile, "repeat");
  }

  /** Fill and outline the area of a mark: solid for what happened, dashed for what is threatened. */
  function inkArea(ctx, path, colour, potential, faded, rule = "evenodd") {
    ctx.globalAlpha = faded ? FADED : 1;
    ctx.fillStyle = hatch(ctx, colour, potential);
    ctx.fill(path, rule);
    outlineArea(ctx, path, colour, potential, faded);
  }

  function outlineArea(ctx, path, colour, potential, faded) {
    ctx.globalAlpha = faded ? FADED : 1;
    // Without a GPU, lines of one pixel are drawn as hairlines: 41 dashed zones in under 1 ms, where 1.6 pixels took 5.
    ctx.lineWidth = 1;
    ctx.setLineDash(potential ? [7, 4] : []);
    ctx.strokeStyle = colour;
    if (!potential) ctx.globalAlpha *= 0.9;
    ctx.stroke(path);
    ctx.setLineDash([]);
    ctx.globalAlpha = 1;
  }

  const MOST_PIXELS = 16e6; // of pictures kept: 64 MB
  const whenIdle = window.requestIdleCallback || ((work) => setTimeout(() => work({ timeRemaining: () => 8 }), 50));

  /** The areas of one map. A step in time changes few of them: while nothing else is to be done, each is inked into a
      picture for its look and the zoom. Pictures for 160 areas at once would take 60 ms, after every zoom. */
  class Areas {
    constructor(map) {
      this.map = map;
      this.shapes = new Map(); // id -> GeoJSON geometry
      this.forget("");
    }

    take(features) {
      for (const feature of features) this.shapes.set(feature.properties.id, feature.geometry);
      this.forget("");
    }

    forget(origin) {
      this.origin = origin;
      this.outlines = new Map();
      this.dropPictures();
    }

    dropPictures() {
      this.pictures = new Map();
      this.wanted = new Map(); // pictures to be made
      this.pixels = 0;
    }

    /** Outline in layer pixels and the box around it, traced once for each zoom; null for an area without a shape. */
    outline(id) {
      const origin = `${this.map.getPixelOrigin()} ${this.map.getZoom()}`;
      if (origin !== this.origin) this.forget(origin);
      if (!this.outlines.has(id)) this.outlines.set(id, this.shapes.has(id) ? this.trace(this.shapes.get(id)) : null);
      return this.outlines.get(id);
    }

    trace(geometry) {
      const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
      const path = new Path2D();
      const box = L.bounds([]);
      for (const rings of polygons)
        for (const ring of rings) {
          let last = null;
          for (const [lon, lat] of ring) {
            const p = this.map.latLngToLayerPoint([lat, lon]);
            // Corners closer than a pixel are not seen, and dashing an outline through all of them takes 50 ms.
            if (last && Math.abs(p.x - last.x) + Math.abs(p.y - last.y) < 1) continue;
            if (last) path.lineTo(p.x, p.y);
            else path.moveTo(p.x, p.y);
            box.extend(p);
            last = p;
          }
          path.closePath();
        }
      return { path, box };
    }

    /** Draw an area as far as it lies within `seen`, in layer pixels; `look` is `{ colour, potential, faded }`. */
    paint(ctx, seen, id, look) {
      const outline = this.outline(id);
      if (!outline || !outline.box.intersects(seen)) return;
      const { path, box } = outline;
      const from = L.point(Math.max(box.min.x - 2, seen.min.x), Math.max(box.min.y - 2, seen.min.y))._floor();
      const to = L.point(Math.min(box.max.x + 2, seen.max.x), Math.min(box.max.y + 2, seen.max.y))._ceil();
      const scale = ctx.getTransform().a;
      const key = [from, to, scale, id, ...Object.values(look)].join("|");
      const picture = this.pictures.get(key);
      if (picture) return ctx.drawImage(picture, from.x, from.y, picture.width / scale, picture.height / scale);
      inkArea(ctx, path, look.colour, look.potential, look.faded);
      if (!this.wanted.size) whenIdle((idle) => this.makePictures(idle));
      this.wanted.set(key, () => this.newPicture(scale, from, to, path, look));
    }

    makePictures(idle) {
      for (const [key, make] of this.wanted) {
        if (idle.timeRemaining() < 1) return whenIdle((later) => this.makePictures(later));
        this.wanted.delete(key);
        this.pictures.set(key, make());
      }
    }

    /** Ink the part of an area between two corners; the hatching runs on from one picture to the next. */
    newPicture(scale, from, to, path, { colour, potential, faded }) {
      if (this.pixels > MOST_PIXELS) this.dropPictures();
      const picture = new OffscreenCanvas(Math.max(1, (to.x - from.x) * scale), Math.max(1, (to.y - from.y) * scale));
      this.pixels += picture.width * picture.height;
      const pen = picture.getContext("2d");
      pen.setTransform(scale, 0, 0, scale, -from.x * scale, -from.y * scale);
      inkArea(pen, path, colour, potential, faded);
      return picture;
    }
  }

  return { Areas, hatch, inkArea, outlineArea, FADED };
})();
