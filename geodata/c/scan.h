/* What the scan reads and writes; geodata/scan_loops.py has the same structures and numbers under the same names. */

#ifndef SCAN_H
#define SCAN_H

#include <stdint.h>

/* Day number that stands for "no usable date"; days count from 1970-01-01. */
enum { NO_DAY = 2147483647 };

/* Positions among the hidden records after those of the dimensions. */
enum { SEARCH, LAYER, UNPLACED, NOT_YET_KNOWN, CORRECTED, REASONS };

/* How a record lies in the window, and that nothing hides it. */
enum { WHOLLY = 1, PERHAPS = 2, IN_FORCE = 3 };
enum { PASSES = 255 };

/* Positions in the sums of events, for all records and for attacks. */
enum {
    EVENTS_LOW, EVENTS_HIGH, EVENTS_OPEN, LEFT_OUT,
    ATTACKS, ATTACKS_LOW, ATTACKS_HIGH, ATTACKS_OPEN, ATTACKS_LEFT_OUT, SUMS
};

/* Positions in the sums of harm, for killed and for wounded. */
enum { HARM_LOW, HARM_BEST, HARM_HIGH, HARM_OPEN, HARM_KNOWN, HARM_WITHOUT_BEST, HARM_UNKNOWN, HARM_SUMS };

/* Columns of a table of distinct figures: lowest, best and highest figure (NaN: none), and 1 when open above. */
enum { FIGURE_LOW, FIGURE_BEST, FIGURE_HIGH, FIGURE_OPEN, FIGURE_COLUMNS };

/* Columns of codes: column `d` begins at element `d * step`; each element has `width` bytes (1, 2 or 4). */
typedef struct {
    const void *codes;
    int64_t width, step;
} Codes;

/* All records, sorted by first day. */
typedef struct {
    const int32_t *first_day, *last_day, *term_day, *known_day, *replaced_day;
    const int32_t *spot;             /* place on the map; -1: none */
    const uint8_t *counted;          /* 0: left out of sums */
    Codes codes;                     /* one column per dimension */
    int64_t n_dimensions;
    const int64_t *offsets;          /* where each dimension begins in `allow` and `facets`, and their length */
    int64_t type_at, confidence_at;  /* dimensions */
    const uint8_t *attack, *low_confidence; /* by code of these dimensions */
    Codes figures;                   /* three columns: events, killed, wounded */
    const double *events, *killed, *wounded; /* distinct figures, FIGURE_COLUMNS each */
    const int16_t *bin_of_day;       /* tempo bin, from `day_0` on */
    int64_t day_0;
} Columns;

/* A selection. */
typedef struct {
    int32_t first, last;             /* window */
    int32_t in_force;                /* 1: threats touch it until their term ends */
    int32_t known;                   /* day on which a record must have been known, and no correction of it */
    const uint8_t *allow;            /* by offset and code: 1 where the dimension's filter lets the code through */
    const int64_t *active;           /* dimensions that filter */
    int64_t n_active;
    const uint8_t *found;            /* by record: 1 where the search found it; null: no search */
    const uint8_t *shown_types;      /* by code of the type: 1 where its layer is on; null: all are */
    int64_t colour_at;               /* dimension that colours */
} Question;

/* What the predicate says, one element per row scanned. */
typedef struct {
    uint8_t *inside, *reason, *only;
} Verdicts;

/* What is drawn; `types` is null where the colours are those of the types. */
typedef struct {
    int32_t *by_spot;                /* (spots, 8): by how they lie in the window, each by low confidence */
    int32_t *colours, *types;        /* (spots, codes) */
} Shown;

/* What is counted; `tempo` is null where it is not asked for. */
typedef struct {
    int64_t *hidden, *facets;
    int64_t *tempo, *edges;          /* (bins, codes), bins + 1 */
    double *sums, *killed, *wounded;
} Counted;

#endif
