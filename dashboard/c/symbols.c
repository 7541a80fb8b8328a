/* Where symbols stand: which are joined, where areas carry their signs, how symbols on paper move apart.
 *
 * Compiled, because each compares every symbol with every other: 60 areas of 40 candidates among 400 symbols are a
 * million distances, 35 ms in numpy. dashboard/symbol_loops.py gives the arrays and checks their types.
 */

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "../../geodata/c/exported.h"

/* Join each symbol to the nearest larger one that it overlaps; `order` has the largest first.
 *
 * `heads` has room for n symbols; gaps are shares of the two radii, and `least_gap` is one that need not be joined. */
EXPORTED void join_symbols(
    int64_t n, const double *x, const double *y, const double *radius, const int64_t *order, double least_gap,
    int64_t *restrict heads, int64_t *restrict group)
{
    int64_t n_heads = 0;
    for (int64_t at = 0; at < n; at++) {
        int64_t index = order[at], nearest = -1;
        double least = least_gap * least_gap;
        for (int64_t k = 0; k < n_heads; k++) {
            int64_t head = heads[k];
            double east = x[head] - x[index], south = y[head] - y[index], reach = radius[head] + radius[index];
            double gap = (east * east + south * south) / (reach * reach);
            if (gap < least) {
                nearest = k, least = gap;
            }
        }
        if (nearest < 0) {
            nearest = n_heads;
            heads[n_heads++] = index;
        }
        group[index] = nearest;
    }
}

/* Give each area's candidate with most clear pixels around it; the anchor comes first and wins among equals.
 *
 * `ends` says where each area's candidates end, `taken` holds (x, y, radius) of `n_taken` symbols and has room for one
 * sign per area. A candidate that is not clearer than the best so far is left at once. */
EXPORTED void clearest(
    int64_t n_areas, const double *x, const double *y, const int64_t *ends, const double *sizes, double enough_px,
    double *restrict taken, int64_t n_taken, int64_t *restrict chosen)
{
    int64_t c = 0;
    for (int64_t area = 0; area < n_areas; area++) {
        double most = -INFINITY;
        chosen[area] = 0;
        for (; c < ends[area] && most < enough_px; c++) {
            double clear = enough_px;
            for (int64_t t = 0; t < n_taken && clear > most; t++) {
                const double *other = taken + 3 * t;
                double east = x[c] - other[0], south = y[c] - other[1], reach = other[2] + sizes[area];
                double away = east * east + south * south;
                if (clear <= -reach || away < (reach + clear) * (reach + clear)) {
                    clear = fmin(clear, sqrt(away) - reach);
                }
            }
            if (clear > most) {
                chosen[area] = c, most = clear;
            }
        }
        c = ends[area];
        double *own = taken + 3 * n_taken++;
        own[0] = x[chosen[area]], own[1] = y[chosen[area]], own[2] = sizes[area];
    }
}

/* Push overlapping neighbours apart, all from where they stood before; tell whether any did overlap. */
static int push_apart(
    int64_t n, double *restrict at, const double *radius, const int64_t *near, int64_t n_near, double *restrict push)
{
    int overlapped = 0;
    memset(push, 0, (size_t)n * 2 * sizeof(double));
    for (int64_t k = 0; k < n_near; k++) {
        int64_t one = near[k], two = near[n_near + k];
        double x = at[2 * two] - at[2 * one], y = at[2 * two + 1] - at[2 * one + 1];
        double distance = hypot(x, y), over = radius[one] + radius[two] - distance;
        if (over <= 0.01) {
            continue;
        }
        overlapped = 1;
        if (distance < 1e-6) {
            /* Two symbols on the very same point part in a direction of their own, always the same: golden angles. */
            double turn = 2.399963 * (double)(one + 1);
            x = cos(turn), y = sin(turn), distance = 1.0;
        }
        double step = over / 2 * 0.9 / distance;
        push[2 * one] -= x * step, push[2 * one + 1] -= y * step;
        push[2 * two] += x * step, push[2 * two + 1] += y * step;
    }
    for (int64_t k = 0; k < 2 * n; k++) {
        at[k] += push[k];
    }
    return overlapped;
}

/* Move symbols out of boxes (west, south, east, north) that hold text, by the shortest way. */
static void push_out(int64_t n, double *restrict at, const double *radius, const double *boxes, int64_t n_boxes)
{
    for (int64_t b = 0; b < n_boxes; b++) {
        const double *box = boxes + 4 * b;
        for (int64_t k = 0; k < n; k++) {
            double x = at[2 * k], y = at[2 * k + 1], r = radius[k];
            double left = x + r - box[0], right = box[2] - x + r, down = y + r - box[1], up = box[3] - y + r;
            double least = fmin(fmin(left, right), fmin(down, up));
            if (least <= 0) {
                continue;
            }
            if (least == left) {
                at[2 * k] -= least;
            } else if (least == right) {
                at[2 * k] += least;
            } else if (least == down) {
                at[2 * k + 1] -= least;
            } else {
                at[2 * k + 1] += least;
            }
        }
    }
}

static double within(double value, double low, double high)
{
    return fmin(fmax(value, low), high);
}

/* Keep symbols near home, and on the paper. */
static void hold(
    int64_t n, double *restrict at, const double *home, const double *radius, double farthest_radii, double width,
    double height)
{
    for (int64_t k = 0; k < n; k++) {
        double x = at[2 * k] - home[2 * k], y = at[2 * k + 1] - home[2 * k + 1], away = hypot(x, y);
        if (away > farthest_radii * radius[k]) {
            double share = farthest_radii * radius[k] / away;
            at[2 * k] = home[2 * k] + x * share, at[2 * k + 1] = home[2 * k + 1] + y * share;
        }
        double low = radius[k] + 1;
        at[2 * k] = within(at[2 * k], low, width - low);
        at[2 * k + 1] = within(at[2 * k + 1], low, height - low);
    }
}

/* Give each symbol its place in points, (x, y) each in `at`: a plain relaxation, from `home`.
 *
 * Overlapping neighbours push each other along the line between them, and every symbol is drawn back to its place a
 * little, so that a symbol that need not move does not. `near` has the first of each pair that may overlap, then the
 * second of each; `push` has the size of `at`. */
EXPORTED void relax(
    int64_t n, const double *home, const double *radius, const int64_t *near, int64_t n_near, const double *boxes,
    int64_t n_boxes, double width, double height, int64_t rounds, double farthest_radii, double *restrict at,
    double *restrict push)
{
    for (int64_t turn = 0; turn < rounds; turn++) {
        double pull = 0.04 * fmax(0.0, 1 - (double)turn / (0.7 * (double)rounds));
        for (int64_t k = 0; k < 2 * n; k++) {
            at[k] += (home[k] - at[k]) * pull;
        }
        if (!push_apart(n, at, radius, near, n_near, push) && pull == 0.0) {
            break;
        }
        push_out(n, at, radius, boxes, n_boxes);
        hold(n, at, home, radius, farthest_radii, width, height);
    }
}
