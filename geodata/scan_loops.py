"""The predicate and the counts as compiled loops; `geodata.scan` gives them their columns.

They call nothing and iterate over no array: either makes numba count references to the arrays it hands on, atomically
and for every row, which took ten times as long as the work.
"""

import numba
import numpy as np

#: Day number that stands for "no usable date"; days count from 1970-01-01.
NO_DAY = np.iinfo(np.int32).max

#: Positions in `Counted.hidden` after those of the dimensions.
SEARCH, LAYER, UNPLACED, NOT_YET_KNOWN, CORRECTED = range(5)
REASONS = 5

#: What stands in `Verdicts`: how a record lies in the window, and that nothing hides it.
WHOLLY, PERHAPS, IN_FORCE = 1, 2, 3
PASSES = 255

#: Positions in `Counted.sums`, for all records and for attacks or harm.
EVENTS_LOW, EVENTS_HIGH, EVENTS_OPEN, LEFT_OUT, ATTACKS, ATTACKS_LOW, ATTACKS_HIGH, ATTACKS_OPEN, ATTACKS_LEFT_OUT = (
    range(9)
)
HARM_LOW, HARM_BEST, HARM_HIGH, HARM_OPEN, HARM_KNOWN, HARM_WITHOUT_BEST, HARM_UNKNOWN = range(7)


@numba.njit(cache=True, nogil=True, boundscheck=False)
def judge_rows(  # type: ignore[no-untyped-def]  # numba infers the types
    low, start, stop, first_day, last_day, term_day, known_day, replaced_day, codes,
    offsets, first, last, windowed, in_force, known,
    allow, active, found, shown_types, type_at, inside, reason, only,
):  # fmt: skip
    """Write a verdict for each row; the docstring of `Verdicts` says what stands in it."""
    n_dimensions, n_active, searching = codes.shape[1], len(active), len(found) > 0
    layered = (shown_types == 0).any()
    for at in range(start, stop):
        i = low + at
        begins, ends = first_day[i], last_day[i]
        if not windowed:
            inside[at] = WHOLLY
        elif begins == NO_DAY or begins > last or max(ends, term_day[i] if in_force else ends) < first:
            inside[at] = 0
        elif ends < first:
            inside[at] = IN_FORCE
        else:
            inside[at] = PERHAPS if begins < first or ends > last else WHOLLY
        # Which of the things that can hide a record do so: how many, and which comes first.
        failed, came_first, alone = 0, PASSES, PASSES
        if known_day[i] > known:
            failed, came_first = 1, n_dimensions + NOT_YET_KNOWN
        elif replaced_day[i] <= known:
            failed, came_first = 1, n_dimensions + CORRECTED
        for k in range(n_active):
            d = active[k]
            if allow[offsets[d] + codes[i, d]] == 0:
                failed += 1
                alone = d
                if came_first == PASSES:
                    came_first = d
        if searching and found[i] == 0:
            failed += 1
            alone = PASSES
            if came_first == PASSES:
                came_first = n_dimensions + SEARCH
        if layered and shown_types[codes[i, type_at]] == 0:
            failed += 1
            alone = PASSES
            if came_first == PASSES:
                came_first = n_dimensions + LAYER
        reason[at] = came_first
        only[at] = alone if failed == 1 else PASSES


@numba.njit(cache=True, nogil=True, boundscheck=False)
def show_rows(  # type: ignore[no-untyped-def]
    low, start, stop, inside, reason, spot, low_confidence, colour_codes, type_codes,
    by_spot, colours, types, rows, unplaced,
):  # fmt: skip
    """List the rows shown and count them by place; give how many rows are listed with a place and without."""
    n_rows = n_unplaced = 0
    for at in range(start, stop):
        if inside[at] == 0 or reason[at] != PASSES:
            continue
        i = low + at
        s = spot[i]
        if s < 0:
            unplaced[n_unplaced] = i
            n_unplaced += 1
            continue
        rows[n_rows] = i
        n_rows += 1
        by_spot[s, 0] += 1
        by_spot[s, 1] += inside[at] == PERHAPS
        by_spot[s, 2] += low_confidence[i]
        by_spot[s, 3] += inside[at] == IN_FORCE
        colours[s, colour_codes[i]] += 1
        types[s, type_codes[i]] += 1
    return n_rows, n_unplaced


@numba.njit(cache=True, nogil=True, boundscheck=False)
def count_rows(  # type: ignore[no-untyped-def]
    low, start, stop, inside, reason, only, codes, offsets,
    colour_at, spot, bins, counted, attack, quantities, opened,
    hidden, facets, tempo, edges, sums, harm,
):  # fmt: skip
    """Add up what is shown and hidden, the options of each dimension, the tempo and the sums."""
    n_dimensions, n_bins = codes.shape[1], len(tempo)
    for at in range(start, stop):
        i = low + at
        passes = reason[at] == PASSES
        if inside[at] and not passes:
            hidden[reason[at]] += 1
        if spot[i] < 0:
            hidden[n_dimensions + UNPLACED] += inside[at] != 0 and passes
            continue
        if n_bins and passes and bins[i, 0] >= 0:
            first_bin, last_bin = bins[i, 0], bins[i, 1]
            if first_bin == last_bin:
                tempo[first_bin, codes[i, colour_at]] += 1
            else:
                edges[first_bin] += 1
                edges[last_bin + 1] -= 1
        if inside[at] == 0:
            continue
        if only[at] != PASSES:
            facets[offsets[only[at]] + codes[i, only[at]]] += 1
        if not passes:
            continue
        for d in range(n_dimensions):
            facets[offsets[d] + codes[i, d]] += 1
        if attack[i]:
            sums[ATTACKS] += 1
        if not counted[i]:
            sums[LEFT_OUT] += 1
            if attack[i]:
                sums[ATTACKS_LEFT_OUT] += 1
            continue
        sums[EVENTS_LOW] += quantities[i, 0]
        sums[EVENTS_HIGH] += quantities[i, 2]
        sums[EVENTS_OPEN] += opened[i, 0]
        if attack[i]:
            sums[ATTACKS_LOW] += quantities[i, 0]
            sums[ATTACKS_HIGH] += quantities[i, 2]
            sums[ATTACKS_OPEN] += opened[i, 0]
        for h in range(2):
            least, best, most = quantities[i, 3 + 3 * h], quantities[i, 4 + 3 * h], quantities[i, 5 + 3 * h]
            if np.isnan(most):
                harm[h, HARM_UNKNOWN] += 1
                continue
            harm[h, HARM_KNOWN] += 1
            harm[h, HARM_LOW] += least
            harm[h, HARM_HIGH] += most
            harm[h, HARM_OPEN] += opened[i, 1 + h]
            if np.isnan(best):
                harm[h, HARM_WITHOUT_BEST] += 1
                best = least
            harm[h, HARM_BEST] += best
