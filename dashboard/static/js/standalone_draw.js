/* Counts to symbols and legend in one file, by the rules of dashboard/drawing.py, grouping.py and badges.py. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { state } = atlas;
  const KIND = { site: 0, town: 1, near: 2, district: 3, governorate: 3, region: 4, country: 4 };
  const POINT = 3; // kinds below it are points
  const [AREAL, MARGIN, GROUP, ZONE] = [3, 4, 5, 6];
  const [POSSIBLE, LOW, POTENTIAL, EXPIRED] = [1, 2, 4, 8];
  const EARTH_M = 40075016.686; // equator of web maps, 2 pi 6378137
  const MOST_COUNTS = 4e6; // counts of places by category that can be set to zero for every frame
  const MANY = 99; // places in a symbol of which only is known that they are many

  let tally = null;
  let each = null; // units of places, one each
  let cells = null; // units by screen cell of a file with very many places
  let few = null; // units of the few places shown of very many
  let drawnZoom = -1;
  const members = new Map(); // head of each symbol -> its places
  const signs = new Map(); // place -> where the sign of its area stands

  const sizeOf = (n) => (n === 1 ? 7.5 : Math.min(9 + 2.2 * Math.sqrt(n), 26)); // as in dashboard/symbols.py
  const distance = (ax, ay, bx, by) => Math.sqrt((ax - bx) * (ax - bx) + (ay - by) * (ay - by));
  const worldPx = () => 256 * 2 ** state.map.getZoom();
  const kindOf = (spot) => KIND[spot.precision];

  /** Web Mercator of every place, from 0 to 1, worked out once. */
  function world() {
    const { data } = state;
    if (!data.world) {
      data.world = { x: new Float64Array(data.spots.length), y: new Float64Array(data.spots.length) };
      data.spots.forEach(({ longitude, latitude }, i) => ([data.world.x[i], data.world.y[i]] = mercator(longitude, latitude)));
    }
    return data.world;
  }

  function mercator(longitude, latitude) {
    const sine = Math.sin((latitude * Math.PI) / 180);
    return [(longitude + 180) / 360, 0.5 - Math.log((1 + sine) / (1 - sine)) / (4 * Math.PI)];
  }

  /* --- units: what is counted apart ------------------------------------------------------------------------------- */

  /** Each place is counted apart; of very many, those shown if they are few, else the cells of the screen. */
  function unitsFor(low, high, first, hiddenBy) {
    const { data } = state;
    const widest = Math.max(...Object.values(data.colourings).map((colouring) => colouring.categories.length));
    if (data.spots.length * widest <= MOST_COUNTS) {
      each = each || { unitOf: null, n: data.spots.length, cellular: false };
      return each;
    }
    return fewUnits(low, high, first, hiddenBy) || cellUnits();
  }

  function fewUnits(low, high, first, hiddenBy) {
    const { rows, spots } = state.data;
    few = few || { unitOf: new Int32Array(spots.length).fill(-1), spots: [] };
    for (const spot of few.spots) few.unitOf[spot] = -1;
    few.spots = [];
    for (let i = low; i < high; i += 1) {
      const spot = rows.spot[i];
      if (rows.ends[i] < first || hiddenBy[i] || few.unitOf[spot] >= 0) continue;
      few.unitOf[spot] = few.spots.push(spot) - 1;
      if (few.spots.length > state.data.rules.mostCompared) return null;
    }
    return { unitOf: few.unitOf, n: few.spots.length, spotOf: few.spots, cellular: false };
  }

  /** Number the cells of the screen; what lies far outside it shares one, and is counted but not drawn. */
  function cellUnits() {
    const { data, map } = state;
    const bounds = map.getPixelBounds();
    const key = `${map.getZoom()} ${bounds.min} ${bounds.max}`;
    if (cells && cells.key === key) return cells;
    const { x, y } = world();
    const [scale, px] = [worldPx(), data.rules.cellPx];
    const pad = bounds.getSize().multiplyBy(0.5);
    const [low, high] = [bounds.min.subtract(pad), bounds.max.add(pad)];
    const unitOf = new Int32Array(data.spots.length);
    const spotOf = [-1];
    const number = new Map();
    for (let i = 0; i < unitOf.length; i += 1) {
      const [ax, ay] = [x[i] * scale, y[i] * scale];
      const alone = kindOf(data.spots[i]) >= POINT || data.spots[i].potential;
      if (!alone && (ax < low.x || ay < low.y || ax > high.x || ay > high.y)) continue;
      const cell = alone ? -1 - i : Math.floor(ax / px) * 2 ** 22 + Math.floor(ay / px);
      if (!number.has(cell)) number.set(cell, spotOf.push(i) - 1);
      unitOf[i] = number.get(cell);
    }
    cells = { key, unitOf, spotOf, n: spotOf.length, cellular: true };
    return cells;
  }

  function emptyTally(units, kinds, types, sameAsType) {
    const key = `${units.n} ${kinds} ${types} ${sameAsType} ${units.cellular}`;
    if (!tally || tally.key !== key) {
      const make = (n) => new Int32Array(n);
      const sums = () => (units.cellular ? new Float64Array(units.n) : null);
      tally = { key, apart: !sameAsType, n: make(units.n), possible: make(units.n), low: make(units.n), inForce: make(units.n), expired: make(units.n), category: make(units.n * kinds), type: make(sameAsType ? 0 : units.n * types), east: sums(), north: sums(), precision: make(8) };
      return tally;
    }
    for (const counts of Object.values(tally)) if (ArrayBuffer.isView(counts)) counts.fill(0);
    return tally;
  }

  /* --- symbols ---------------------------------------------------------------------------------------------------- */

  /** Places with records shown; a screen cell stands at the mean of its records. */
  function placesShown({ tally: counts, units }) {
    const { data } = state;
    const { x, y } = world();
    const scale = worldPx();
    const found = [];
    for (let unit = 0; unit < units.n; unit += 1) {
      const n = counts.n[unit];
      const number = units.spotOf ? units.spotOf[unit] : unit;
      if (!n || number < 0) continue;
      const spot = data.spots[number];
      const cell = units.cellular && kindOf(spot) < POINT && !spot.potential && n > 1;
      const [longitude, latitude] = cell ? [counts.east[unit] / n, counts.north[unit] / n] : [spot.longitude, spot.latitude];
      const [wx, wy] = cell ? mercator(longitude, latitude) : [x[number], y[number]];
      found.push({ unit, number, spot, n, longitude, latitude, x: wx * scale, y: wy * scale, cell });
    }
    return found;
  }

  /** Group places whose symbols would cover each other; of very many, those of one screen cell come together first. */
  function grouped(places, leastPx) {
    const groups = overlapping(places.length <= state.data.rules.mostCompared ? places.map((place) => [place]) : byScreenCell(places), leastPx);
    return crowded(groups, places) ? overlapping(groups, state.data.rules.roomPx) : groups;
  }

  /** Tell whether the squares in which symbols stand hold more of them than can be told apart. */
  function crowded(groups, places) {
    const { crowdPx, leastCrowd, mostInSquare } = state.data.rules;
    const squares = new Set(places.map(({ x, y }) => Math.floor(x / crowdPx) * 2 ** 22 + Math.floor(y / crowdPx)));
    return groups.length > Math.max(leastCrowd, mostInSquare * squares.size);
  }

  function byScreenCell(places) {
    const { rules } = state.data;
    const byCell = new Map();
    for (const place of places) {
      const key = Math.floor(place.x / rules.cellPx) * 2 ** 22 + Math.floor(place.y / rules.cellPx);
      if (byCell.has(key)) byCell.get(key).push(place);
      else byCell.set(key, [place]);
    }
    return [...byCell.values()];
  }

  /** Several symbols as one, at their mean weighted by records. */
  function together(parts) {
    const n = parts.reduce((sum, part) => sum + part.n, 0);
    const mean = (key) => parts.reduce((sum, part) => sum + part[key] * part.n, 0) / n;
    return { places: parts.flatMap((part) => part.places || [part]), x: mean("x"), y: mean("y"), n };
  }

  /** Join until no symbol covers more of another than is allowed (dashboard/grouping.py). */
  function overlapping(lists, leastPx) {
    let groups = lists.map(together);
    for (;;) {
      const heads = joinPass(groups, leastPx);
      if (heads.length === groups.length) return groups.map((group) => group.places);
      groups = heads.map(together);
    }
  }

  function joinPass(groups, leastPx) {
    const heads = [];
    const order = groups.map((group) => ({ group, r: Math.max(sizeOf(group.n), leastPx), joined: [group] }));
    order.sort((a, b) => b.group.n - a.group.n || a.group.x - b.group.x || a.group.y - b.group.y);
    for (const one of order) {
      let [best, least] = [null, state.data.rules.leastGap];
      for (const head of heads) {
        const gap = distance(head.group.x, head.group.y, one.group.x, one.group.y) / (head.r + one.r);
        if (gap < least) [best, least] = [head, gap];
      }
      if (best) best.joined.push(one.group);
      else heads.push(one);
    }
    return heads.map((head) => head.joined);
  }

  /** Name the area in which the records of an area are counted: a district too small to be seen in its governorate. */
  function seenArea(id) {
    const { areas, rules } = state.data;
    const { parent, side } = areas[id] || {};
    return parent && side * 2 ** state.map.getZoom() < rules.leastAreaPx ? parent : id;
  }

  /** Marks of areas and badges of the margin; where many crowd, small areas stand with the one above them. */
  function areaGroups(places) {
    if (places.length <= state.data.rules.mostAreas) return places.map((place) => ({ places: [place] }));
    const groups = new Map();
    for (const place of places) {
      const area = kindOf(place.spot) === AREAL ? seenArea(place.spot.area) : String(place.number);
      const key = `${area} ${place.spot.potential}`;
      if (groups.has(key)) groups.get(key).places.push(place);
      else groups.set(key, { area, places: [place] });
    }
    return [...groups.values()];
  }

  /** One symbol in the form that marks.js reads; `area` is the one in which several areas are counted. */
  function markOf(places, { tally: counts, kinds, types }, area) {
    const n = places.reduce((sum, place) => sum + place.n, 0);
    const head = places.reduce((least, place) => (place.number < least.number ? place : least));
    const { spot } = head;
    const total = (name) => places.reduce((sum, place) => sum + counts[name][place.unit], 0);
    const perCategory = summed(places, counts.category, kinds);
    const perType = counts.apart ? summed(places, counts.type, types) : perCategory;
    const parts = perCategory.map((m, i) => [i, m]).filter(([, m]) => m).sort((a, b) => b[1] - a[1] || a[0] - b[0]).flat();
    const alike = perType.filter(Boolean).length === 1 ? shapeOf(perType.findIndex(Boolean)) : 0;
    const flags = (total("possible") + total("inForce") === n ? POSSIBLE : 0) | (total("low") === n ? LOW : 0) | (spot.potential ? POTENTIAL : 0) | (total("expired") === n ? EXPIRED : 0);
    const areal = kindOf(spot) === AREAL;
    const many = (places.length > 1 && !areal) || head.cell;
    const zoned = spot.potential && kindOf(spot) < POINT;
    const kind = zoned ? ZONE : many ? GROUP : kindOf(spot);
    const mean = (key) => places.reduce((sum, place) => sum + place[key] * place.n, 0) / n;
    const above = areal && area && (places.length > 1 || area !== spot.area) && state.data.signPlaces[area];
    const centre = above ? above[0] : [mean("longitude"), mean("latitude")];
    const radius = zoned && many ? Math.max(...places.map((place) => covering(centre, place.spot))) : many ? 0 : spot.radius;
    members.set(head.number, places);
    const [longitude, latitude] = signs.get(head.number) || (zoned ? onEdge(centre, radius, 0, 0) : centre);
    const ground = zoned ? centre : spot.potential && spot.reach.length ? spot.reach : many ? "" : above ? area : spot.area;
    return [head.number, longitude, latitude, kind, radius, alike, flags, ground, sizeOf(n), head.cell ? MANY : places.length, n, ...parts];
  }

  function summed(places, counts, width) {
    const sums = new Array(width).fill(0);
    for (const { unit } of places) for (let i = 0, at = unit * width; i < width; i += 1, at += 1) sums[i] += counts[at];
    return sums;
  }

  const shapeOf = (code) => {
    const { type } = state.data.dimension;
    return state.data.typeCodes.indexOf(type.codes[type.cells[code][0]]);
  };

  /** Metres from a middle to the far side of the circle around a place. */
  const covering = ([longitude, latitude], spot) => state.map.distance([latitude, longitude], [spot.latitude, spot.longitude]) + spot.radius;

  /* --- where the signs of areas stand (dashboard/badges.py) --------------------------------------------------------- */

  /** The point at some pixels from the edge of a zone, in one of its directions; the first is south. */
  function onEdge([longitude, latitude], radius, stepPx, turn) {
    const { rules } = state.data;
    const cosine = Math.cos((latitude * Math.PI) / 180);
    const edge = Math.max((radius * worldPx()) / (EARTH_M * cosine), rules.zoneLeastPx);
    const out = ((edge + stepPx) * 360) / worldPx();
    const angle = (2 * Math.PI * turn) / rules.zoneTurns;
    return [longitude + out * Math.sin(angle), Math.max(-85, Math.min(85, latitude - out * Math.cos(angle) * cosine))];
  }

  /** Places at which the sign of an area or zone may stand, best first. */
  function candidatesOf(mark) {
    const { rules, signPlaces } = state.data;
    if (mark[3] !== ZONE) return signPlaces[mark[7]] || [[mark[1], mark[2]]];
    const turns = Array.from({ length: rules.zoneTurns }, (_, turn) => turn);
    return rules.zoneStepsPx.flatMap((step) => turns.map((turn) => onEdge(mark[7], mark[4], step, turn)));
  }

  /** Once nothing moves, put each area's sign where it is clear of symbols and of the signs placed before. */
  function placeSigns() {
    const { data, drawing } = state;
    const { rules } = data;
    const px = worldPx();
    const at = (lon, lat) => mercator(lon, lat).map((part) => part * px);
    const area = (mark) => mark[3] === AREAL || mark[3] === ZONE;
    const taken = drawing.marks.filter((mark) => !area(mark)).map((mark) => [...at(mark[1], mark[2]), mark[8]]);
    const ranked = drawing.marks.filter(area).sort((a, b) => atlas.marks.total(b) - atlas.marks.total(a));
    for (const mark of ranked.slice(0, rules.mostMoved)) {
      const candidates = candidatesOf(mark);
      let [best, most] = [candidates[0], -Infinity];
      for (const candidate of candidates) {
        const [x, y] = at(...candidate);
        let clear = rules.enoughPx;
        for (const [tx, ty, r] of taken) clear = Math.min(clear, distance(x, y, tx, ty) - r - mark[8]);
        if (clear > most) [best, most] = [candidate, clear];
      }
      [mark[1], mark[2]] = best;
      taken.push([...at(...best), mark[8]]);
      signs.set(mark[0], best);
    }
    if (ranked.length && atlas.markLayer) atlas.markLayer.paint();
  }

  /* --- the drawing ------------------------------------------------------------------------------------------------ */

  function drawing(counted, question) {
    const { data, map } = state;
    if (drawnZoom !== map.getZoom()) signs.clear();
    drawnZoom = map.getZoom();
    members.clear();
    const places = placesShown(counted);
    const of = (wanted) => places.filter(({ spot }) => wanted(kindOf(spot), spot.potential));
    const { cellular } = counted.units;
    const apart = areaGroups(of((kind) => kind >= POINT)).map(({ places: group, area }) => [group[0].spot, markOf(group, counted, area)]);
    const areas = apart.filter(([spot]) => kindOf(spot) === AREAL).map(([, mark]) => mark);
    const badged = apart.filter(([spot]) => kindOf(spot) === MARGIN);
    const badges = badged.map(([, mark]) => mark);
    const points = of((kind, potential) => kind < POINT && !potential);
    const symbols = (cellular ? points.map((place) => [place]) : grouped(points, 0)).map((group) => markOf(group, counted));
    const threatened = of((kind, potential) => kind < POINT && potential);
    const zones = grouped(threatened, threatened.length > data.rules.mostAreas ? data.rules.crowdedZonePx : 0).map((group) => markOf(group, counted));
    const marks = [...areas, ...zones, ...symbols];
    const drawn = { zone: marks.some((mark) => mark[6] & POTENTIAL), reach: badges.some((mark) => Array.isArray(mark[7])), expired: [...marks, ...badges].some((mark) => mark[6] & EXPIRED) };
    const colouring = data.colourings[question.colourBy];
    return {
      shown: counted.shown,
      marks,
      margin: badges,
      marginNames: badged.map(([spot, mark]) => nameOf(mark, spot)),
      signs: Object.entries(data.signs).filter(([sign]) => drawn[sign]),
      density: state.on.has("density") && !cellular ? density(places) : [],
      ...keys(counted, places, colouring),
      legendTitle: colouring.title,
      colourBy: question.colourBy,
      grouped: symbols.some((mark) => mark[3] === GROUP),
      layers: atlas.layersOn(),
      release: data.release,
      query: "",
      open: "",
    };
  }

  /** Count what is drawn by colour, shape and precision. */
  function keys({ tally: counts, kinds, types, units }, places, colouring) {
    const { data } = state;
    const perCategory = columns(counts.category, kinds);
    const perType = counts.apart ? columns(counts.type, types) : perCategory;
    const sum = (values) => values.reduce((all, n) => all + n, 0);
    const perPrecision = new Map();
    const add = (code, n) => perPrecision.set(code, (perPrecision.get(code) || 0) + n);
    const { precision } = data.dimension;
    if (units.cellular) precision.cells.forEach(([value], code) => add(precision.codes[value], counts.precision[code]));
    else for (const place of places) add(place.spot.precision, place.n);
    const shapes = perType.map((count, code) => ({ count, shape: shapeOf(code), ...data.types[shapeOf(code)] }));
    return {
      categories: colouring.categories.map((category, i) => ({ ...category, count: perCategory[i] })),
      shapes: shapes.filter(({ count }) => count).sort((a, b) => a.shape - b.shape),
      precisions: data.precisions.map((p) => ({ ...p, count: perPrecision.get(p.code) || 0 })).filter(({ count }) => count),
      possible: sum(counts.possible),
      inForce: sum(counts.inForce),
    };
  }

  function columns(counts, width) {
    const sums = new Array(width).fill(0);
    for (let i = 0; i < counts.length; i += width) for (let k = 0; k < width; k += 1) sums[k] += counts[i + k];
    return sums;
  }

  /** Name a badge beside the map, where its shape is not seen: a threat is told from what happened. */
  function nameOf(mark, spot) {
    if (!spot.potential) return spot.name;
    const { type } = state.data.dimension;
    const alike = mark[5] ? state.data.typeCodes[mark[5]] : "";
    return `${spot.name} (${{ threat: "threat", capability: "reach" }[type.codes.includes(alike) ? alike : ""] || "threats and reach"})`;
  }

  /** Records per grid cell, spread as widely as each place is uncertain (geodata/density.py). */
  function density(places) {
    const { data } = state;
    if (!data.densityDegrees) return [];
    if (!data.densityAt) readDensity(data);
    const weights = new Map();
    for (const { number, n } of places) {
      const [from, to] = [data.densityFrom[number], data.densityFrom[number + 1]];
      for (let i = from; i < to; i += 1) weights.set(data.densityAt[i], (weights.get(data.densityAt[i]) || 0) + n / (to - from));
    }
    const step = data.densityDegrees;
    return [...weights].map(([key, weight]) => {
      const [east, north] = [Math.floor(key / 4096) - 2048, (key % 4096) - 2048];
      return [east * step, north * step, (east + 1) * step, (north + 1) * step, weight];
    });
  }

  function readDensity(data) {
    const { densityCells, densityEast, densityNorth } = data.columns;
    data.densityFrom = new Int32Array(densityCells.length + 1);
    densityCells.forEach((n, i) => (data.densityFrom[i + 1] = data.densityFrom[i] + n));
    let [east, north] = [2048, 2048];
    data.densityAt = densityEast.map((step, i) => {
      east += step;
      north += densityNorth[i];
      return east * 4096 + north;
    });
  }

  /** Places of the symbol with this head; a cell's are found when somebody asks. */
  function spotsOf(head) {
    if (!tally.east) return new Set(members.get(head).map((place) => place.number));
    const unit = cells.unitOf[head];
    return new Set(Array.from(state.data.spots.keys()).filter((spot) => cells.unitOf[spot] === unit));
  }

  /** Tell whether the map has moved in a way that changes the symbols. */
  const moved = () => drawnZoom !== state.map.getZoom() || Boolean(cells);

  atlas.draw = { unitsFor, emptyTally, drawing, placeSigns, spotsOf, moved };
})();
