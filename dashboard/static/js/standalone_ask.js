/* The question put to the records of one file, and its count: the same predicate as geodata/scan.py. */
"use strict";

(() => {
  const atlas = window.incidentAtlas;
  const { state, NO_DAY, QUIET_MS } = atlas;

  const [OUT, WHOLE, POSSIBLE, IN_FORCE] = [0, 1, 2, 3]; // what a window makes of a record
  const LEGEND_MS = 80; // while the window slides the map follows every frame, its legend a dozen times a second

  /* `filters` holds the codes of the values asked for, by dimension. */
  const question = { first: 0, last: 0, filters: new Map(), words: [], colourBy: "" };
  let hiddenBy = null; // number of the reason that hides each record whatever the window, 0 for none
  let counted = null; // counts of the last question
  let settling = 0;
  let asked = 0;
  let told = -Infinity;
  const settled = []; // what follows once nothing is asked any more

  const isWhole = () => question.first <= state.data.first && question.last >= state.data.last;
  const isWindowed = () => state.data.windowed || !isWhole();
  const numberOf = (reason) => 1 + state.data.reasons.indexOf(reason);

  /** Tell for each cell of a dimension whether it holds none of the values asked for. */
  const refused = (dimension, wanted) => dimension.cells.map((cell) => !cell.some((value) => wanted.has(value)));

  /** Put every record down to the first thing but the window that hides it; `without` leaves one filter out. */
  function hide(without) {
    const { data } = state;
    const found = new Uint8Array(data.rows.n);
    const { spot } = data.rows;
    const unplaced = numberOf(data.reasonOf.unplaced);
    for (let i = 0; i < found.length; i += 1) if (spot[i] < 0) found[i] = unplaced;
    const mark = (codes, closed, number) => {
      for (let i = 0; i < found.length; i += 1) if (closed[codes[i]]) found[i] = number;
    };
    // From the last reason to the first, so that the first one stays.
    if (question.words.length) {
      const missed = searchMisses();
      const number = numberOf(data.reasonOf.search);
      for (let i = 0; i < found.length; i += 1) if (missed[i]) found[i] = number;
    }
    for (const dimension of [...data.dimensions].reverse()) {
      const wanted = question.filters.get(dimension.name);
      if (wanted && dimension.name !== without) mark(atlas.codesOf(dimension.name), refused(dimension, wanted), numberOf(dimension.reason));
    }
    return found;
  }

  /** Tell which records lack a word of the search: in their text, their place's names and their actors' names. */
  function searchMisses() {
    const { data } = state;
    const { spot } = data.rows;
    data.placeWords = data.placeWords || data.spots.map((one, i) => atlas.fold(`${one.name} ${data.spellings[i] || ""}`));
    const missed = new Uint8Array(data.rows.n);
    for (const word of question.words) {
      const places = data.placeWords.map((text) => text.includes(word));
      const actors = data.dimensions.filter((dimension) => dimension.words.length).map((dimension) => {
        const named = dimension.words.map((text) => atlas.fold(text).includes(word));
        return [atlas.codesOf(dimension.name), dimension.cells.map((cell) => cell.some((value) => named[value]))];
      });
      for (let i = 0; i < missed.length; i += 1) {
        const text = data.texts[i];
        const met = places[spot[i]] || (text && text.words.includes(word)) || actors.some(([codes, has]) => has[codes[i]]);
        if (!met) missed[i] = 1;
      }
    }
    return missed;
  }

  /** First position from `from` to `to` whose day is above `day`. */
  function after(days, day, to) {
    let [low, high] = [0, to];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (days[middle] <= day) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Rows among which all of the window are, and its bounds; without a window every row is meant. */
  function range() {
    const { rows, dated } = state.data;
    if (!isWindowed()) return { low: 0, high: rows.n, first: -NO_DAY, last: NO_DAY };
    const { first, last } = question;
    return { low: after(rows.first, first - rows.longest - 1, dated), high: after(rows.first, last, dated), first, last };
  }

  /**
   * Count what is shown by unit of the drawing, and what is hidden by reason.
   *
   * Records of one day lie side by side: while the window slides, only those that enter or leave it are read, and of
   * the few that last longer those to which it makes a difference.
   */
  function count() {
    const { data } = state;
    const { rows } = data;
    const span = range();
    const units = atlas.draw.unitsFor(span.low, span.high, span.first, hiddenBy);
    if (!counted || counted.hiddenBy !== hiddenBy || counted.units !== units || counted.colourBy !== question.colourBy) {
      const kinds = data.colourings[question.colourBy].categories.length;
      const types = data.dimension.type.cells.length;
      const tally = atlas.draw.emptyTally(units, kinds, types, question.colourBy === "type");
      counted = { tally, units, kinds, types, hiddenBy, colourBy: question.colourBy, span: { ...span, from: 0, to: 0 }, hidden: new Int32Array(data.reasons.length + 1), inside: 0, shown: 0, fresh: true };
    }
    const old = counted.span;
    const [from, to] = isWindowed() ? [after(rows.first, span.first - 1, data.dated), span.high] : [0, rows.n];
    const tally = tallier();
    const whole = (low, high, sign) => {
      for (let i = low; i < high; i += 1) if (!rows.isLong[i]) tally(i, sign, WHOLE);
    };
    whole(old.from, Math.min(old.to, from), -1);
    whole(Math.max(old.from, to), old.to, -1);
    whole(from, Math.min(to, old.from), 1);
    whole(Math.max(from, old.to), to, 1);
    for (const i of rows.long) {
      const [before, now] = [counted.fresh ? OUT : stateIn(rows, i, old), stateIn(rows, i, span)];
      if (before === now) continue;
      if (before !== OUT) tally(i, -1, before);
      if (now !== OUT) tally(i, 1, now);
    }
    Object.assign(counted, { span: { ...span, from, to }, fresh: false });
    countExpired(span);
    if (isWindowed()) {
      counted.hidden[numberOf(data.reasonOf.noDate)] = rows.n - data.dated;
      counted.hidden[numberOf(data.reasonOf.outside)] = data.dated - counted.inside;
    } else for (const reason of ["noDate", "outside"]) counted.hidden[numberOf(data.reasonOf[reason])] = 0;
  }

  /** Tell what a window makes of a record that lasts longer than a day. */
  function stateIn({ first, last, ends }, i, span) {
    if (first[i] > span.last || ends[i] < span.first) return OUT;
    if (last[i] < span.first) return IN_FORCE;
    return first[i] < span.first || last[i] > span.last ? POSSIBLE : WHOLE;
  }

  /** Make the function that adds a record to the counts, or takes it out with a sign of -1. */
  function tallier() {
    const { rows, spots } = state.data;
    const { tally, units, kinds, types, hidden } = counted;
    const { unitOf } = units;
    const [category, type] = [atlas.codesOf(question.colourBy), atlas.codesOf("type")];
    const [confidence, precision] = [atlas.codesOf("confidence"), atlas.codesOf("precision")];
    const low = lowCells();
    return (i, sign, as) => {
      counted.inside += sign;
      if (hiddenBy[i]) {
        hidden[hiddenBy[i]] += sign;
        return;
      }
      counted.shown += sign;
      const spot = rows.spot[i];
      const unit = unitOf ? unitOf[spot] : spot;
      tally.n[unit] += sign;
      tally.category[unit * kinds + category[i]] += sign;
      if (tally.apart) tally.type[unit * types + type[i]] += sign;
      if (as === IN_FORCE) tally.inForce[unit] += sign;
      else if (as === POSSIBLE) tally.possible[unit] += sign;
      if (low[confidence[i]]) tally.low[unit] += sign;
      if (tally.east) {
        tally.east[unit] += sign * spots[spot].longitude;
        tally.north[unit] += sign * spots[spot].latitude;
        tally.precision[precision[i]] += sign;
      }
    };
  }

  const lowCells = () => {
    const { confidence } = state.data.dimension;
    return confidence.cells.map((cell) => cell.some((value) => confidence.codes[value] === "low"));
  };

  /** A term that ends with the announcement says nothing of its end (dashboard/drawing.py). */
  function countExpired({ low, high, first }) {
    const { data } = state;
    const { rows } = data;
    const { tally, units: { unitOf } } = counted;
    tally.expired.fill(0);
    const day = isWhole() ? data.seenFrom : Math.min(question.last, data.knownOn);
    for (const i of rows.termed) {
      if (i < low || i >= high || rows.ends[i] < first || hiddenBy[i]) continue;
      if (rows.last[i] + rows.term[i] < day) tally.expired[unitOf ? unitOf[rows.spot[i]] : rows.spot[i]] += 1;
    }
  }

  /** Every record that is not shown, by reason, with those left out when the file was made. */
  function hiddenCounts() {
    const { data } = state;
    return data.reasons.map((reason, i) => [reason, counted.hidden[i + 1] + (data.hidden[reason] || 0)]).filter(([, n]) => n);
  }

  /** How many rows the table lists: those shown, and those that match but have no place. */
  const listedCount = () => counted.shown + counted.hidden[numberOf(state.data.reasonOf.unplaced)];

  /** A part of the table, newest first and undated ones last: rows shown, then those that match but have no place. */
  function listed(from, to) {
    const { low, high, first } = range();
    const { rows, reasonOf, dated } = state.data;
    const out = [];
    let at = 0;
    const put = (i, reason) => {
      if (hiddenBy[i] !== reason || rows.ends[i] < first) return;
      if (at >= from) out.push(i);
      at += 1;
    };
    for (const reason of [0, numberOf(reasonOf.unplaced)]) {
      for (let i = Math.min(high, dated) - 1; i >= low && at < to; i -= 1) put(i, reason);
      for (let i = Math.max(low, dated); i < high && at < to; i += 1) put(i, reason);
    }
    return out;
  }

  /** Rows shown at some places, newest first: at most `most` of them, how many there are, and the outermost. */
  function rowsAt(spots, most) {
    const { low, high, first } = range();
    const { rows } = state.data;
    const found = { rows: [], total: 0, first: -1, last: -1 };
    for (let i = high - 1; i >= low; i -= 1) {
      if (hiddenBy[i] || rows.ends[i] < first || !spots.has(rows.spot[i])) continue;
      found.total += 1;
      found.first = i;
      if (found.last < 0) found.last = i;
      if (found.rows.length < most) found.rows.push(i);
    }
    return found;
  }

  /** Count each value of a dimension as if its own filter were off, so that the number says what choosing it shows. */
  function facet(dimension) {
    const { low, high, first } = range();
    const codes = atlas.codesOf(dimension.name);
    const free = question.filters.has(dimension.name) ? hide(dimension.name) : hiddenBy;
    const perCell = new Int32Array(dimension.cells.length);
    for (let i = low; i < high; i += 1) if (!free[i] && state.data.rows.ends[i] >= first) perCell[codes[i]] += 1;
    const counts = new Int32Array(dimension.values.length);
    dimension.cells.forEach((cell, code) => cell.forEach((value) => (counts[value] += perCell[code])));
    return counts;
  }

  let tempoOf = { hiddenBy: null, counts: null };

  /** Records per bar of the tempo, whatever the window: those whose days all lie within one bar. */
  function tempo(bars) {
    if (tempoOf.hiddenBy !== hiddenBy) tempoOf = { hiddenBy, counts: perBar(bars) };
    return tempoOf.counts;
  }

  function perBar(bars) {
    const { rows, dated, first, last } = state.data;
    const counts = new Int32Array(bars);
    const scale = bars / (last - first + 1);
    for (let i = 0; i < dated; i += 1) {
      if (hiddenBy[i]) continue;
      const bar = Math.floor((rows.first[i] - first) * scale);
      if (bar >= 0 && bar < bars && bar === Math.floor((rows.last[i] - first) * scale)) counts[bar] += 1;
    }
    return counts;
  }

  /** Ask and draw at once; what is not the map follows when nothing more is asked. */
  function now() {
    if (!hiddenBy) {
      if (!question.colourBy) [question.colourBy, question.first, question.last] = [state.data.colourBy, state.data.first, state.data.last];
      hiddenBy = hide();
    }
    count();
    state.drawing = atlas.draw.drawing(counted, question);
    if (performance.now() - told > LEGEND_MS) tell();
    else atlas.markLayer.paint();
    atlas.page.told(counted, hiddenCounts());
    state.map.getContainer().dataset.settled = "false";
    atlas.announce();
    clearTimeout(settling);
    settling = setTimeout(settle, QUIET_MS);
  }

  function tell() {
    told = performance.now();
    for (const listener of state.listeners) listener(state.drawing);
  }

  function settle() {
    clearTimeout(settling); // texts may come before it: a second time would take the table's rows from under the pointer
    tell();
    atlas.draw.placeSigns();
    for (const follow of settled) follow();
    state.map.getContainer().dataset.settled = "true";
  }

  /** Ask before the next frame, once, however often the question changes until then. */
  function soon() {
    if (!asked)
      asked = requestAnimationFrame(() => {
        asked = 0;
        now();
      });
  }

  /** Change the question; a change that is not the window's alone puts every record down anew. */
  function change(act, { windowOnly = false } = {}) {
    act(question);
    if (!windowOnly) hiddenBy = hide();
    soon();
  }

  function textsCame() {
    if (question.words.length) change(() => {});
    else settle();
  }

  const moved = () => atlas.draw.moved() && soon();
  atlas.ask = { question, now, change, moved, textsCame, hiddenCounts, listed, listedCount, rowsAt, facet, tempo, isWhole, isWindowed, whenSettled: (follow) => settled.push(follow) };
})();
