/* The predicate and the counts over the rows `start` to `stop`; scan.h says what is read and written.
 *
 * Compiled ahead of time, because the page asks a dozen counts at once: numpy needs a pass over the records for each
 * of them, and a compiler at run time holds a tenth of a gigabyte (docs/design.md, "Compiled loops").
 */

#include "scan.h"

#include <math.h>
#include <string.h>

#include "exported.h"

/* Run a loop that is compiled once for each width of the codes: `width` is a constant wherever it is inlined. */
#define FOR_WIDTH(of_width, loop, ...)              \
    do {                                            \
        switch (of_width) {                         \
        case 1: loop(1, __VA_ARGS__); break;        \
        case 2: loop(2, __VA_ARGS__); break;        \
        default: loop(4, __VA_ARGS__); break;       \
        }                                           \
    } while (0)

static ALWAYS_INLINE uint32_t code_at(const Codes *of, int64_t width, int64_t column, int64_t at)
{
    int64_t element = column * of->step + at;
    switch (width) {
    case 1: return ((const uint8_t *)of->codes)[element];
    case 2: return ((const uint16_t *)of->codes)[element];
    default: return ((const uint32_t *)of->codes)[element];
    }
}

/* Write how each row lies in the window. Without branches, so that it is vectorised; NO_DAY is after every window. */
EXPORTED void place_rows(
    const Columns *of, const Question *asked, int64_t start, int64_t stop, uint8_t *restrict inside)
{
    const int32_t *restrict first_day = of->first_day + start, *restrict last_day = of->last_day + start;
    const int32_t *restrict ends = asked->in_force ? of->term_day + start : last_day;
    const int32_t first = asked->first, last = asked->last;
    for (int64_t at = 0; at < stop - start; at++) {
        int32_t begins = first_day[at], ended = last_day[at], until = ends[at];
        int32_t touches = (begins <= last) & ((ended > until ? ended : until) >= first);
        int32_t happened = ended >= first;
        int32_t wholly = (begins >= first) & (ended <= last);
        inside[at] = (uint8_t)(touches * (happened * (PERHAPS - wholly * (PERHAPS - WHOLLY)) + !happened * IN_FORCE));
    }
}

/* Rows judged at a time: what is written for them stays in the processor's nearest cache. */
enum { BLOCK = 2048 };

/* What hides the rows of a block: how many things do, the first of them, and the last if it is a dimension. */
typedef struct {
    uint8_t hides[BLOCK], failed[BLOCK], first[BLOCK], alone[BLOCK];
} Hiding;

/* Note what hides rows. Bytes and no branches, so that it is vectorised: whether a filter lets a record through is as
 * good as random, and a branch on it took three times as long. */
static void hide(Hiding *restrict by, int64_t n, int64_t reason, int64_t alone)
{
    const uint8_t as_first = (uint8_t)reason, as_alone = (uint8_t)alone;
    for (int64_t k = 0; k < n; k++) {
        uint8_t hides = (uint8_t)-by->hides[k], earlier = by->failed[k] ? 0 : hides; /* all bits or none */
        by->first[k] ^= (uint8_t)((by->first[k] ^ as_first) & earlier);
        by->alone[k] ^= (uint8_t)((by->alone[k] ^ as_alone) & hides);
        by->failed[k] = (uint8_t)(by->failed[k] + by->hides[k]);
    }
}

static ALWAYS_INLINE void hide_by_code(
    const int64_t width, Hiding *restrict by, const Columns *of, const uint8_t *allow, int64_t d, int64_t at, int64_t n)
{
    const Codes codes = of->codes;
    uint8_t *restrict hides = by->hides;
    for (int64_t k = 0; k < n; k++) {
        hides[k] = allow[code_at(&codes, width, d, at + k)] ^ 1;
    }
}

static ALWAYS_INLINE void judge_rows_of(
    const int64_t width, const Columns *of, const Question *asked, int64_t start, int64_t stop, const Verdicts *said)
{
    const int64_t n_dimensions = of->n_dimensions;
    const int32_t known = asked->known;
    Hiding by;
    for (int64_t at = start; at < stop; at += BLOCK) {
        const int64_t n = stop - at < BLOCK ? stop - at : BLOCK;
        const int32_t *known_day = of->known_day + at, *replaced_day = of->replaced_day + at;
        memset(by.failed, 0, sizeof by.failed);
        memset(by.first, PASSES, sizeof by.first);
        memset(by.alone, PASSES, sizeof by.alone);
        for (int64_t k = 0; k < n; k++) {
            by.hides[k] = known_day[k] > known;
        }
        hide(&by, n, n_dimensions + NOT_YET_KNOWN, PASSES);
        for (int64_t k = 0; k < n; k++) {
            by.hides[k] = (known_day[k] <= known) & (replaced_day[k] <= known);
        }
        hide(&by, n, n_dimensions + CORRECTED, PASSES);
        for (int64_t k = 0; k < asked->n_active; k++) {
            int64_t d = asked->active[k];
            hide_by_code(width, &by, of, asked->allow + of->offsets[d], d, at, n);
            hide(&by, n, d, d);
        }
        if (asked->found) {
            for (int64_t k = 0; k < n; k++) {
                by.hides[k] = !asked->found[at + k];
            }
            hide(&by, n, n_dimensions + SEARCH, PASSES);
        }
        if (asked->shown_types) {
            hide_by_code(width, &by, of, asked->shown_types, of->type_at, at, n);
            hide(&by, n, n_dimensions + LAYER, PASSES);
        }
        memcpy(said->reason + (at - start), by.first, (size_t)n);
        for (int64_t k = 0; k < n; k++) {
            said->only[at - start + k] = by.failed[k] == 1 ? by.alone[k] : PASSES;
        }
    }
}

/* Write for each row the first thing that hides it, and the dimension that alone does. */
EXPORTED void judge_rows(const Columns *of, const Question *asked, int64_t start, int64_t stop, const Verdicts *said)
{
    FOR_WIDTH(of->codes.width, judge_rows_of, of, asked, start, stop, said);
}

/* What is read stands in local copies from here on: what is written may otherwise lie anywhere, in the structures too,
 * and all would be read again for each row. */

static ALWAYS_INLINE void show_rows_of(
    const int64_t width, const Columns of, const Question asked, int64_t start, int64_t stop, const Verdicts said,
    const Shown to)
{
    const int64_t n_colours = of.offsets[asked.colour_at + 1] - of.offsets[asked.colour_at];
    const int64_t n_types = of.offsets[of.type_at + 1] - of.offsets[of.type_at];
    for (int64_t at = start; at < stop; at++) {
        int64_t inside = said.inside[at - start], s = of.spot[at];
        if (!inside || said.reason[at - start] != PASSES || s < 0) {
            continue;
        }
        to.by_spot[s * 8 + inside * 2 + of.low_confidence[code_at(&of.codes, width, of.confidence_at, at)]]++;
        to.colours[s * n_colours + code_at(&of.codes, width, asked.colour_at, at)]++;
        if (to.types) {
            to.types[s * n_types + code_at(&of.codes, width, of.type_at, at)]++;
        }
    }
}

/* Count the rows shown by place. */
EXPORTED void show_rows(
    const Columns *of, const Question *asked, int64_t start, int64_t stop, const Verdicts *said,
    const Shown *shown)
{
    FOR_WIDTH(of->codes.width, show_rows_of, *of, *asked, start, stop, *said, *shown);
}

static inline void add_events(const double *restrict figure, int attack, double *restrict sums)
{
    sums[EVENTS_LOW] += figure[FIGURE_LOW];
    sums[EVENTS_HIGH] += figure[FIGURE_HIGH];
    sums[EVENTS_OPEN] += figure[FIGURE_OPEN];
    if (attack) {
        sums[ATTACKS_LOW] += figure[FIGURE_LOW];
        sums[ATTACKS_HIGH] += figure[FIGURE_HIGH];
        sums[ATTACKS_OPEN] += figure[FIGURE_OPEN];
    }
}

static inline void add_harm(const double *restrict figure, double *restrict sums)
{
    if (isnan(figure[FIGURE_HIGH])) {
        sums[HARM_UNKNOWN]++;
        return;
    }
    int without_best = isnan(figure[FIGURE_BEST]);
    sums[HARM_KNOWN]++;
    sums[HARM_LOW] += figure[FIGURE_LOW];
    sums[HARM_HIGH] += figure[FIGURE_HIGH];
    sums[HARM_OPEN] += figure[FIGURE_OPEN];
    sums[HARM_WITHOUT_BEST] += without_best;
    sums[HARM_BEST] += figure[without_best ? FIGURE_LOW : FIGURE_BEST];
}

/* Add up events and harm of one record that is shown. */
static ALWAYS_INLINE void add_figures(
    const int64_t width, const Columns *of, int64_t at, int attack, const Counted *counted)
{
    if (!of->counted[at]) {
        counted->sums[LEFT_OUT]++;
        counted->sums[ATTACKS_LEFT_OUT] += attack;
        return;
    }
    add_events(of->events + FIGURE_COLUMNS * code_at(&of->figures, width, 0, at), attack, counted->sums);
    add_harm(of->killed + FIGURE_COLUMNS * code_at(&of->figures, width, 1, at), counted->killed);
    add_harm(of->wounded + FIGURE_COLUMNS * code_at(&of->figures, width, 2, at), counted->wounded);
}

/* Count one record in the tempo: in its bin, or as one that may fall into each of several. */
static inline void add_tempo(const Columns *of, int64_t at, int64_t colour, int64_t n_colours, const Counted *counted)
{
    if (of->first_day[at] == NO_DAY) {
        return;
    }
    int64_t first = of->bin_of_day[of->first_day[at] - of->day_0], last = of->bin_of_day[of->last_day[at] - of->day_0];
    if (first == last) {
        counted->tempo[first * n_colours + colour]++;
    } else {
        counted->edges[first]++;
        counted->edges[last + 1]--;
    }
}

static ALWAYS_INLINE void count_rows_of(
    const int64_t width, const Columns of, const Question asked, int64_t start, int64_t stop, const Verdicts said,
    const Counted counted)
{
    const int64_t n_dimensions = of.n_dimensions, colour_at = asked.colour_at;
    const int64_t n_colours = of.offsets[colour_at + 1] - of.offsets[colour_at];
    for (int64_t at = start; at < stop; at++) {
        int inside = said.inside[at - start] != 0, passes = said.reason[at - start] == PASSES;
        if (inside && !passes) {
            counted.hidden[said.reason[at - start]]++;
        }
        if (of.spot[at] < 0) {
            counted.hidden[n_dimensions + UNPLACED] += inside && passes;
            continue;
        }
        if (counted.tempo && passes) {
            add_tempo(&of, at, code_at(&of.codes, width, colour_at, at), n_colours, &counted);
        }
        if (!inside) {
            continue;
        }
        int64_t alone = said.only[at - start];
        if (alone != PASSES) {
            counted.facets[of.offsets[alone] + code_at(&of.codes, width, alone, at)]++;
        }
        if (!passes) {
            continue;
        }
        for (int64_t d = 0; d < n_dimensions; d++) {
            counted.facets[of.offsets[d] + code_at(&of.codes, width, d, at)]++;
        }
        int attack = of.attack[code_at(&of.codes, width, of.type_at, at)];
        counted.sums[ATTACKS] += attack;
        switch (of.figures.width) {
        case 1: add_figures(1, &of, at, attack, &counted); break;
        case 2: add_figures(2, &of, at, attack, &counted); break;
        default: add_figures(4, &of, at, attack, &counted); break;
        }
    }
}

/* Add up what is shown and hidden, the options of each dimension, the tempo and the sums. */
EXPORTED void count_rows(
    const Columns *of, const Question *asked, int64_t start, int64_t stop, const Verdicts *said, const Counted *counted)
{
    FOR_WIDTH(of->codes.width, count_rows_of, *of, *asked, start, stop, *said, *counted);
}
