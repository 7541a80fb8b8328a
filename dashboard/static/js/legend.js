/* The legend, made from what is drawn, and the badges of records that are known only to a country or region. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { element } = atlas;

  function start(map, symbols) {
    const legend = control(map, "bottomright", "atlas-legend");
    const margin = control(map, "topleft", "atlas-margin");
    legend.setAttribute("aria-label", "Legend");
    const head = element("button", "atlas-legend-head");
    head.type = "button";
    let open = true;
    const draw = (drawing) => {
      margin.replaceChildren(...marginBadges(drawing));
      say(head, drawing.legendTitle);
      head.setAttribute("aria-expanded", String(open));
      fill(legend, [head, ...(open ? legendBody(drawing, symbols) : [])]);
    };
    head.onclick = () => {
      open = !open;
      draw(atlas.state.drawing);
    };
    atlas.onDrawing(draw);
  }

  /* From one drawing to the next most of the legend stays and some numbers change. Its elements are kept and written
     to, because the browser styles and lays out each new one: 60 of them took 3 ms of every move of the slider. */

  const kept = new Map(); // elements by what they stand for
  const MOST_KEPT = 1000;

  function keep(name, make) {
    if (kept.size > MOST_KEPT) kept.clear();
    if (!kept.has(name)) kept.set(name, make());
    return kept.get(name);
  }

  function say(node, text) {
    if (node.textContent !== text) node.textContent = text;
  }

  /** Let a box hold these nodes in this order; those that stand where they should are not touched. */
  function fill(box, nodes) {
    nodes.forEach((node, at) => node !== box.childNodes[at] && box.insertBefore(node, box.childNodes[at] ?? null));
    while (box.childNodes.length > nodes.length) box.lastChild.remove();
    return box;
  }

  function control(map, position, className) {
    const made = new L.Control({ position });
    made.onAdd = () => {
      const box = L.DomUtil.create("div", className);
      L.DomEvent.disableClickPropagation(box);
      L.DomEvent.disableScrollPropagation(box);
      return box;
    };
    made.addTo(map);
    return made.getContainer();
  }

  function legendBody(drawing, symbols) {
    const shown = drawing.categories.filter((c) => c.count).sort((a, b) => b.count - a.count);
    if (!shown.length) return [note("empty", "Nothing is drawn: no record matches.", "atlas-empty")];
    const byType = drawing.colourBy === "type";
    const parts = [rows("colour", shown.map((c) => [byType ? symbol(symbols[c.shape], c.colour, c.potential) : swatch(c.colour), c]))];
    if (!byType) {
      parts.push(heading("Shape: incident type"));
      parts.push(rows("shape", drawing.shapes.map((s) => [symbol(symbols[s.shape], "#8d8a85", s.potential), s])));
    }
    parts.push(heading("Place known to"));
    parts.push(rows("place", drawing.precisions.map((p) => [precisionKey(p.drawnAs), p])));
    parts.push(note("number", drawing.grouped ? "A number: several records at one place. A double ring: several places, apart when drawn nearer." : "A ring with a number is several records at one place."));
    if (drawing.signs.length) parts.push(heading("Threats and reach"), fill(keep("signs", () => element("ul", "atlas-signs")), drawing.signs.map(signRow)));
    if (drawing.density.length) parts.push(note("density", `Red squares: density, records per 0.1° cell, up to ${perCell(Math.max(...drawing.density.map((cell) => cell[4])))}. Each record is spread over where it may lie.`));
    if (drawing.possible) parts.push(note("hollow", `Hollow: ${drawing.possible} may lie outside the window (date known as a range).`));
    if (drawing.release) parts.push(note("release", drawing.release));
    if (drawing.inForce) parts.push(note("in force", `${drawing.inForce} of the threats were announced before the window; their term still runs.`));
    return parts;
  }

  const heading = (text) => keep(`heading ${text}`, () => element("h4", "", text));

  function note(name, text, className = "atlas-note") {
    const made = keep(`note ${name}`, () => element("p", className));
    say(made, text);
    return made;
  }

  /** Records per cell: below one its first digit that is not 0, because a governorate's records lie thin and are not 0.0. */
  const perCell = (most) => (most < 1 ? most.toPrecision(1) : most.toFixed(1));

  const signRow = ([sign, words]) => keep(`sign ${sign}`, () => element("li", "", null, picture(signKey(sign)), element("span", "", words)));

  const rows = (name, items) => fill(keep(`table ${name}`, () => element("table", "")), items.map(([key, { label, count }]) => row(name, key, label, count)));

  const NUMBER = new Intl.NumberFormat("en");

  function row(table, key, label, count) {
    const made = keep(`row ${table} ${key.look} ${label}`, () =>
      element("tr", "", null, element("td", "atlas-key", null, picture(key)), element("td", "", label), element("td", "atlas-count")),
    );
    say(made.lastChild, NUMBER.format(count));
    return made;
  }

  const SIZE_PX = 22;
  const pictures = new Map();

  /** A small picture, painted once for each look: 35 new canvases with every drawing took longer than the map. */
  function picture({ look, paint }) {
    if (!pictures.has(look)) pictures.set(look, painted(paint));
    const image = element("img", "");
    image.src = pictures.get(look);
    image.width = image.height = SIZE_PX;
    image.alt = "";
    image.decoding = "sync";
    return image;
  }

  function painted(paint) {
    const made = document.createElement("canvas");
    const scale = window.devicePixelRatio || 1;
    made.width = made.height = SIZE_PX * scale;
    const ctx = made.getContext("2d");
    ctx.scale(scale, scale);
    paint(ctx);
    return made.toDataURL();
  }

  const symbol = (corners, colour, potential) => ({
    look: `${corners} ${colour} ${potential}`,
    paint: (ctx) => atlas.marks.drawSymbol(ctx, corners, colour, 11, 11, 7, potential ? atlas.marks.POTENTIAL : 0),
  });

  const swatch = (colour) => ({
    look: colour,
    paint: (ctx) => {
      ctx.fillStyle = colour;
      ctx.fillRect(4, 4, 14, 14);
    },
  });

  /** Keys of the signs that only threats and capabilities have. */
  const signKey = (sign) => ({
    look: sign,
    paint: (ctx) => {
      const path = new Path2D();
      if (sign === "reach") {
        path.rect(2, 4, 18, 14);
        ctx.setLineDash([6, 2.5, 1.5, 2.5]);
        ctx.lineWidth = 1.8;
        ctx.strokeStyle = "#4d463c";
        ctx.stroke(path);
      } else {
        path.arc(11, 11, 8.5, 0, 7);
        atlas.areas.inkArea(ctx, path, "#4d463c", true, sign === "expired");
      }
    },
  });

  const precisionKey = (drawnAs) => ({ look: drawnAs, paint: (ctx) => inkPrecision(ctx, drawnAs) });

  function inkPrecision(ctx, drawnAs) {
    ctx.strokeStyle = ctx.fillStyle = "#4d463c";
    if (drawnAs === "pin") {
      ctx.fillRect(10.2, 8, 1.6, 11);
      ctx.beginPath();
      ctx.arc(11, 7, 4.5, 0, 7);
      ctx.fill();
    } else if (drawnAs === "disc" || drawnAs === "ring") {
      ctx.setLineDash(drawnAs === "ring" ? [3, 2.5] : []);
      ctx.beginPath();
      ctx.arc(11, 11, 8, 0, 7);
      ctx.globalAlpha = drawnAs === "disc" ? 0.22 : 0.06;
      ctx.fill();
      ctx.globalAlpha = 1;
      ctx.stroke();
    } else if (drawnAs === "area") {
      ctx.fillStyle = atlas.areas.hatch(ctx, "#4d463c");
      ctx.fillRect(2, 4, 18, 14);
      ctx.strokeRect(2, 4, 18, 14);
    } else {
      ctx.strokeRect(3, 6, 16, 10);
    }
  }

  function marginBadges(drawing) {
    if (!drawing.margin.length) return [];
    const badges = drawing.margin.map((mark, index) => {
      const n = atlas.marks.total(mark);
      const badge = element("button", "atlas-badge", null, element("span", "", drawing.marginNames[index]), element("b", "", n));
      badge.type = "button";
      badge.style.borderColor = drawing.categories[mark[atlas.marks.PARTS]].colour;
      badge.classList.toggle("atlas-potential", Boolean(mark[6] & atlas.marks.POTENTIAL));
      badge.classList.toggle("atlas-expired", Boolean(mark[6] & atlas.marks.EXPIRED));
      badge.onclick = () => atlas.openMark(mark[0]);
      return badge;
    });
    return [element("div", "atlas-margin-title", "Known only to"), ...badges];
  }

  atlas.legend = { start };
})();
