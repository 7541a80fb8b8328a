/* The legend, made from what is drawn, and the badges of records that are known only to a country or region. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { element } = atlas;

  function start(map, symbols) {
    const legend = control(map, "bottomright", "atlas-legend");
    const margin = control(map, "topleft", "atlas-margin");
    legend.setAttribute("aria-label", "Legend");
    let open = true;
    const draw = (drawing) => {
      margin.replaceChildren(...marginBadges(drawing));
      const head = element("button", "atlas-legend-head", drawing.legendTitle);
      head.type = "button";
      head.setAttribute("aria-expanded", String(open));
      head.onclick = () => {
        open = !open;
        draw(atlas.state.drawing);
      };
      legend.replaceChildren(head, ...(open ? legendBody(drawing, symbols) : []));
    };
    atlas.onDrawing(draw);
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
    if (!shown.length) return [element("p", "atlas-empty", "Nothing is drawn: no record matches.")];
    const byType = drawing.colourBy === "type";
    const parts = [rows(shown.map((c) => [byType ? symbol(symbols[c.shape], c.colour, c.potential) : swatch(c.colour), c.label, c.count]))];
    if (!byType) {
      parts.push(element("h4", "", "Shape: incident type"));
      parts.push(rows(drawing.shapes.map((s) => [symbol(symbols[s.shape], "#8d8a85", s.potential), s.label, s.count])));
    }
    parts.push(element("h4", "", "Place known to"));
    parts.push(rows(drawing.precisions.map((p) => [precisionKey(p.drawnAs), p.label, p.count])));
    parts.push(element("p", "atlas-note", drawing.grouped ? "A number: several records at one place. A double ring: several places, apart when drawn nearer." : "A ring with a number is several records at one place."));
    if (drawing.signs.length) parts.push(element("h4", "", "Threats and reach"), element("ul", "atlas-signs", null, ...drawing.signs.map(signRow)));
    if (drawing.density.length) parts.push(element("p", "atlas-note", `Red squares: density, records per 0.1° cell, up to ${perCell(Math.max(...drawing.density.map((cell) => cell[4])))}. Each record is spread over where it may lie.`));
    if (drawing.possible) parts.push(element("p", "atlas-note", `Hollow: ${drawing.possible} may lie outside the window (date known as a range).`));
    if (drawing.release) parts.push(element("p", "atlas-note", drawing.release));
    if (drawing.inForce) parts.push(element("p", "atlas-note", `${drawing.inForce} of the threats were announced before the window; their term still runs.`));
    return parts;
  }

  /** Records per cell: below one its first digit that is not 0, because a governorate's records lie thin and are not 0.0. */
  const perCell = (most) => (most < 1 ? most.toPrecision(1) : most.toFixed(1));

  const signRow = ([sign, words]) => element("li", "", null, signKey(sign), element("span", "", words));

  function rows(items) {
    const table = element("table", "");
    for (const [key, label, count] of items)
      table.append(element("tr", "", null, element("td", "atlas-key", null, key), element("td", "", label), element("td", "atlas-count", count.toLocaleString("en"))));
    return table;
  }

  const SIZE_PX = 22;
  const pictures = new Map();

  /** A small picture, painted once for each look: 35 new canvases with every drawing took longer than the map. */
  function picture(look, paint) {
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

  const symbol = (corners, colour, potential) =>
    picture(`${corners} ${colour} ${potential}`, (ctx) => atlas.marks.drawSymbol(ctx, corners, colour, 11, 11, 7, potential ? atlas.marks.POTENTIAL : 0));
  const swatch = (colour) =>
    picture(colour, (ctx) => {
      ctx.fillStyle = colour;
      ctx.fillRect(4, 4, 14, 14);
    });

  /** Keys of the signs that only threats and capabilities have. */
  function signKey(sign) {
    return picture(sign, (ctx) => {
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
    });
  }

  function precisionKey(drawnAs) {
    return picture(drawnAs, (ctx) => {
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
    });
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
