"""The predicate and the counts as compiled loops; `geodata.scan` gives them their columns.

They call nothing and iterate over no array: either makes numba count references to the arrays it hands on, atomically
and for every row, which took ten times as long as the work. They begin at the first element of what they are given, and
index with unsigned numbers: numba looks at each signed one for whether it counts from the end, and then the compiler
cannot take several rows at a time (3.1 and 0.1 ms for the window of 750,000 records).
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
def place_rows(first_day, last_day, ends, first, last, inside):  # type: ignore[no-untyped-def]  # numba infers the types
    """Write how each row lies in a window; `ends` is the last day that counts: of the incident, or of its term.

    Without branches, so that it is vectorised; `NO_DAY` is after every window.
    """
    for at in range(len(inside)):
        begins, ended = first_day[at], last_day[at]
        touches = np.int32((begins <= last) & (max(ended, ends[at]) >= first))
        happened = np.int32(ended >= first)
        wholly = np.int32((begins >= first) & (ended <= last))
        inside[at] = np.uint8(
            touches * (happened * (PERHAPS - wholly * (PERHAPS - WHOLLY)) + (1 - happened) * IN_FORCE)
        )


@numba.njit(cache=True, nogil=True, boundscheck=False)
def judge_rows(  # type: ignore[no-untyped-def]
    known_day, replaced_day, codes, offsets, known,
    allow, active, found, shown_types, type_at, reason, only,
):  # fmt: skip
    """Write for each row what hides it; the docstring of `Verdicts` says what stands in it."""
    n_dimensions, n_active, searching = codes.shape[1], len(active), len(found) > 0
    layered = (shown_types == 0).any()
    for at in range(len(reason)):
        # Which of the things that can hide a record do so: how many, and which comes first.
        failed, came_first, alone = 0, PASSES, PASSES
        if known_day[at] > known:
            failed, came_first = 1, n_dimensions + NOT_YET_KNOWN
        elif replaced_day[at] <= known:
            failed, came_first = 1, n_dimensions + CORRECTED
        for k in range(n_active):
            d = active[k]
            if allow[offsets[d] + np.uint64(codes[at, d])] == 0:
                failed += 1
                alone = d
                if came_first == PASSES:
                    came_first = d
        if searching and found[at] == 0:
            failed += 1
            alone = PASSES
            if came_first == PASSES:
                came_first = n_dimensions + SEARCH
        if layered and shown_types[np.uint64(codes[at, type_at])] == 0:
            failed += 1
            alone = PASSES
            if came_first == PASSES:
                came_first = n_dimensions + LAYER
        reason[at] = came_first
        only[at] = alone if failed == 1 else PASSES


@numba.njit(cache=True, nogil=True, boundscheck=False)
def show_rows(  # type: ignore[no-untyped-def]
    low, inside, reason, spot, low_confidence, colour_codes, type_codes,
    by_spot, colours, types, rows, unplaced,
):  # fmt: skip
    """List the rows shown, counted from `low`, and count them by place; give how many have a place and how many none.

    `by_spot` is (spots, 8): by how they lie in the window, and each of that by low confidence. `types` is empty where
    the colours are those of the types.
    """
    n_rows, n_unplaced = np.uint64(0), np.uint64(0)
    typed = len(types) > 0
    for at in range(len(inside)):
        if inside[at] == 0 or reason[at] != PASSES:
            continue
        if spot[at] < 0:
            unplaced[n_unplaced] = low + at
            n_unplaced += np.uint64(1)
            continue
        rows[n_rows] = low + at
        n_rows += np.uint64(1)
        s = np.uint64(spot[at])
        by_spot[s, np.uint64(inside[at]) * np.uint64(2) + np.uint64(low_confidence[at])] += 1
        colours[s, np.uint64(colour_codes[at])] += 1
        if typed:
            types[s, np.uint64(type_codes[at])] += 1
    return n_rows, n_unplaced


@numba.njit(cache=True, nogil=True, boundscheck=False)
def count_rows(  # type: ignore[no-untyped-def]
    inside, reason, only, codes, offsets,
    colour_at, spot, bins, counted, attack, quantities, opened,
    hidden, facets, tempo, edges, sums, harm,
):  # fmt: skip
    """Add up what is shown and hidden, the options of each dimension, the tempo and the sums."""
    n_dimensions, n_bins = codes.shape[1], len(tempo)
    for at in range(len(inside)):
        passes = reason[at] == PASSES
        if inside[at] and not passes:
            hidden[np.uint64(reason[at])] += 1
        if spot[at] < 0:
            hidden[n_dimensions + UNPLACED] += inside[at] != 0 and passes
            continue
        if n_bins and passes and bins[at, 0] >= 0:
            first_bin, last_bin = np.uint64(bins[at, 0]), np.uint64(bins[at, 1])
            if first_bin == last_bin:
                tempo[first_bin, np.uint64(codes[at, colour_at])] += 1
            else:
                edges[first_bin] += 1
                edges[last_bin + np.uint64(1)] -= 1
        if inside[at] == 0:
            continue
        if only[at] != PASSES:
            alone = np.uint64(only[at])
            facets[offsets[alone] + np.uint64(codes[at, alone])] += 1
        if not passes:
            continue
        for d in range(np.uint64(n_dimensions)):
            facets[offsets[d] + np.uint64(codes[at, d])] += 1
        if attack[at]:
            sums[ATTACKS] += 1
        if not counted[at]:
            sums[LEFT_OUT] += 1
            if attack[at]:
                sums[ATTACKS_LEFT_OUT] += 1
            continue
        sums[EVENTS_LOW] += quantities[at, 0]
        sums[EVENTS_HIGH] += quantities[at, 2]
        sums[EVENTS_OPEN] += opened[at, 0]
        if attack[at]:
            sums[ATTACKS_LOW] += quantities[at, 0]
            sums[ATTACKS_HIGH] += quantities[at, 2]
            sums[ATTACKS_OPEN] += opened[at, 0]
        for h in range(2):
            least, best, most = quantities[at, 3 + 3 * h], quantities[at, 4 + 3 * h], quantities[at, 5 + 3 * h]
            if np.isnan(most):
                harm[h, HARM_UNKNOWN] += 1
                continue
            harm[h, HARM_KNOWN] += 1
            harm[h, HARM_LOW] += least
            harm[h, HARM_HIGH] += most
            harm[h, HARM_OPEN] += opened[at, 1 + h]
            if np.isnan(best):
                harm[h, HARM_WITHOUT_BEST] += 1
                best = least
            harm[h, HARM_BEST] += best
