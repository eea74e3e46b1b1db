/* One record against a whole side, and the best of a side for many records: the arithmetic of engine.py, compiled.
 *
 * Sums are of whole numbers; every other step is the same operation on the same 64-bit floats in the same order as in
 * numpy and in the scalar scorer, so that all three give the same points. Compile without contraction of products and
 * sums (-ffp-contract=off). Structures mirror kernels.py. Nothing here checks a number against the size of an array:
 * rows, terms, items and places come from the arrays that the index itself made.
 */

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Widest vectors that the processor has, chosen when the library is loaded: one file serves every machine of a kind. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define FOR_EACH_PROCESSOR __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#define MULTIPLIES_BYTES __attribute__((target("arch=x86-64-v4,avx512vnni,prefer-vector-width=512")))
#else
#define FOR_EACH_PROCESSOR
#endif

#if defined(__GNUC__)
#define ALWAYS_INLINE inline __attribute__((always_inline))
#else
#define ALWAYS_INLINE inline
#endif

enum { WORDS, BIGRAMS, THEME, BUSINESS, LISTS };
enum { P_WORDS, P_BIGRAMS, P_MEANING, P_REGION, P_NEEDS, P_THEME, P_BUSINESS, P_ONE_SIDEDNESS, P_POOL, PARTS };
enum { C_FIELDS, C_FORMS, C_KINDS, C_OUTSIDE, C_UNTIL, CONDITIONS };
enum { EXPIRED = 1, CLOSED = 2, FIELD = 4, FORM = 8, NEEDS_REFUSED = 16, OUTSIDE = 32 };
enum { L_MUNICIPALITY, L_AREA, L_REGION, L_PREFECTURE, L_SERVED, L_NEIGHBOUR, L_NATIONWIDE, L_ELSEWHERE, LEVELS };
enum { PREFECTURES = 48, WIDEST = 512, TOGETHER = 4 };

static const int part_of[LISTS] = {P_WORDS, P_BIGRAMS, P_THEME, P_BUSINESS};

/* Numbers that the processor handles in one step: a syntax of GCC and Clang on every machine. */
typedef double Four __attribute__((vector_size(TOGETHER * sizeof(double))));
typedef int64_t Masks __attribute__((vector_size(TOGETHER * sizeof(int64_t))));

typedef struct {
    int64_t count;
    const int32_t *numbers;
    const int16_t *values;
    int64_t is_answered;            /* 0 also where all weights are 0 */
} Terms;

typedef struct {
    int64_t known;                  /* terms that have a column */
    const int64_t *begins;          /* by terms: entries from begins[term] to begins[term + 1] */
    const int32_t *row_numbers;
    const int16_t *column_values;
    const int64_t *starts;          /* by rows */
    const int32_t *numbers;
    const int16_t *values;
    int64_t changed;                /* rows that were replaced or added: their entries above do not count */
    const int32_t *changed_rows;    /* rising */
    const int64_t *changed_starts;
    const int32_t *changed_numbers;
    const int16_t *changed_values;
    const uint8_t *answered;
    int64_t vocabulary;             /* terms that were known when this was made: all of its rows' */
} Matrix;

typedef struct {
    int64_t rows;
    Matrix lists[LISTS];
    const int8_t *vectors;          /* (rows, width) */
    const uint8_t *has_vector;
    int64_t width;
    const int32_t *where;           /* (rows, places_each), padded with -1 */
    int64_t places_each;
    const int32_t *seats;           /* (rows, seats_each), padded with -1 */
    int64_t seats_each;
    int64_t items;                  /* stored items, and which of them each row has */
    Matrix details;
    const int8_t *kinds;
    const int8_t *units;
    const double *amounts;          /* NaN where not stated */
    const int32_t *own_items;       /* (rows, items_each), padded with -1 */
    int64_t items_each;
    const int32_t *conditions;      /* (CONDITIONS, conditions_stride) */
    int64_t conditions_stride;
    const uint8_t *is_alive;
    const double *demands;
    const int64_t *place_in_order;
    const int64_t *row_at;          /* the row of each place in the order of ids */
    const int64_t *naming_starts;   /* by rows of interests: names that the profile says */
    const int32_t *naming;
} Side;

typedef struct {
    int64_t places;
    const int32_t *codes;           /* (4, places): prefecture, region, area, municipality; 0 where not known */
    const int32_t *spoken;          /* (places,): number of the name that a profile may say, -1 for none */
    const int64_t *prefecture_starts;
    const int32_t *by_prefecture;   /* the places of each prefecture, one prefecture after the other */
    int64_t names;
    const uint8_t *neighbours;      /* (PREFECTURES, PREFECTURES) */
    const int64_t *said_starts;     /* by names: rows of interests whose profile says it */
    const int32_t *said_rows;
} Map;

typedef struct {
    int32_t weights[PARTS];
    int32_t neutral[PARTS];         /* points where a side did not answer */
    double full[PARTS];             /* product of a whole share */
    int32_t levels[LEVELS];
    double pool_percent;
    int32_t one_sidedness;
    int32_t hard;                   /* conditions that count */
    double unit_squared;
    double same_kind_share;
} Rules;

typedef struct {
    int32_t is_proposal;
    int32_t today;                  /* ordinal; 0 judges no date */
    Terms lists[LISTS];
    const int8_t *vector;           /* NULL for none */
    const int32_t *products;        /* of that vector with every row, where they are known; else NULL */
    int64_t places;                 /* of a proposal its places; of an interest its regions */
    const int32_t *place_codes;     /* (places, 4) */
    int64_t seats;
    const int32_t *seat_codes;      /* (seats, 4) */
    int64_t said;                   /* rows of interests that name a place of the proposal, with its place */
    const int32_t *said_rows;
    const int32_t *said_places;
    const uint8_t *names;           /* (names,): what the interest's profile says */
    int64_t items;
    const int8_t *kinds;
    const int8_t *units;
    const double *amounts;
    const int64_t *item_starts;
    const int32_t *item_numbers;
    const int16_t *item_values;
    int32_t conditions[CONDITIONS];
    double demand;
} Query;

typedef struct {
    int32_t *products;
    int16_t *dense;
    int8_t *near_seat, *near_served, *unused;
    uint8_t *meets, *inside;
    double *fits, *item_fits, *shares;
    int32_t *item_products;
} Scratch;

/* Memory that the caller lends: with begin NULL, used tells how much is wanted. */
typedef struct {
    char *begin;
    int64_t used;
} Room;

/* The products of each row with one vector, or with a few: one look at a row serves them all. */
FOR_EACH_PROCESSOR
static void dot_rows(const int8_t *matrix, const int16_t *vector, int64_t rows, int64_t width, int32_t *products) {
    for (int64_t r = 0; r < rows; r++) {
        const int8_t *row = matrix + r * width;
        int32_t sum = 0;
        for (int64_t c = 0; c < width; c++) sum += (int16_t)row[c] * vector[c];
        products[r] = sum;
    }
}

FOR_EACH_PROCESSOR
static void dot_rows_together(const int8_t *matrix, const int16_t *vectors, int64_t rows, int64_t width,
                              int32_t *products) {
    const int16_t *first = vectors, *second = vectors + width, *third = second + width, *fourth = third + width;
    for (int64_t r = 0; r < rows; r++) {
        const int8_t *row = matrix + r * width;
        int32_t a = 0, b = 0, c = 0, d = 0;
        for (int64_t i = 0; i < width; i++) {
            const int16_t value = row[i];
            a += value * first[i];
            b += value * second[i];
            c += value * third[i];
            d += value * fourth[i];
        }
        products[r] = a;
        products[rows + r] = b;
        products[2 * rows + r] = c;
        products[3 * rows + r] = d;
    }
}

#ifdef MULTIPLIES_BYTES
/* Some processors multiply bytes and add them up in one step, if one side has no sign: rows are shifted, and what that
 * adds is taken away. */
static ALWAYS_INLINE void dot_bytes_of(const int8_t *matrix, const int8_t *vectors, int64_t count, int64_t rows,
                                       int64_t width, int32_t *products) {
    int32_t added[TOGETHER] = {0};
    for (int64_t n = 0; n < count; n++)
        for (int64_t c = 0; c < width; c++) added[n] += 128 * vectors[n * width + c];
    for (int64_t r = 0; r < rows; r++) {
        const int8_t *row = matrix + r * width;
        int32_t sums[TOGETHER] = {0};
        for (int64_t c = 0; c < width; c++) {
            const uint8_t value = (uint8_t)row[c] ^ 128;
            for (int64_t n = 0; n < count; n++) sums[n] += value * vectors[n * width + c];
        }
        for (int64_t n = 0; n < count; n++) products[n * rows + r] = sums[n] - added[n];
    }
}

MULTIPLIES_BYTES
static void dot_bytes(const int8_t *matrix, const int8_t *vectors, int64_t count, int64_t rows, int64_t width,
                      int32_t *products) {
    if (count == 1) dot_bytes_of(matrix, vectors, 1, rows, width, products);
    else dot_bytes_of(matrix, vectors, TOGETHER, rows, width, products);
}
#endif

/* The products of every row with one vector or with TOGETHER of them: (count, rows). */
static void multiply_rows(const int8_t *matrix, const int8_t *vectors, int64_t count, int64_t rows, int64_t width,
                          int32_t *products) {
#ifdef MULTIPLIES_BYTES
    if (__builtin_cpu_supports("avx512vnni")) {
        dot_bytes(matrix, vectors, count, rows, width, products);
        return;
    }
#endif
    int16_t wide[TOGETHER * WIDEST];
    for (int64_t i = 0; i < count * width; i++) wide[i] = vectors[i];
    if (count == 1) dot_rows(matrix, wide, rows, width, products);
    else dot_rows_together(matrix, wide, rows, width, products);
}

FOR_EACH_PROCESSOR
static void points_of(const int32_t *products, const uint8_t *answered, int64_t rows, double full, int32_t weight,
                      int32_t neutral, int16_t *points) {
    for (int64_t r = 0; r < rows; r++) {
        double share = products[r] / full;
        share = share > 0.0 ? share : 0.0;
        share = share < 1.0 ? share : 1.0;
        int32_t found = (int32_t)(share * weight + 0.5);
        points[r] = (int16_t)(answered[r] ? found : neutral);
    }
}

static void same_points(int16_t *points, int64_t rows, int32_t value) {
    for (int64_t r = 0; r < rows; r++) points[r] = (int16_t)value;
}

/* Add up a sparse vector's products with every row. */
static void sparse_products(const Matrix *matrix, const Terms *query, int64_t rows, int16_t *dense,
                            int32_t *restrict products) {
    const int32_t *row_numbers = matrix->row_numbers;
    const int16_t *values = matrix->column_values;
    memset(products, 0, (size_t)rows * sizeof(int32_t));
    for (int64_t i = 0; i < query->count; i++) {
        const int32_t term = query->numbers[i], weight = query->values[i];
        if (term >= matrix->known) continue;
        const int64_t end = matrix->begins[term + 1];
#pragma GCC unroll 8
        for (int64_t e = matrix->begins[term]; e < end; e++) products[row_numbers[e]] += weight * values[e];
    }
    if (!matrix->changed) return;
    /* A term that came later than this matrix is in none of its rows. */
    for (int64_t i = 0; i < query->count; i++)
        if (query->numbers[i] < matrix->vocabulary) dense[query->numbers[i]] = query->values[i];
    for (int64_t c = 0; c < matrix->changed; c++) {
        int32_t sum = 0;
        for (int64_t e = matrix->changed_starts[c]; e < matrix->changed_starts[c + 1]; e++)
            sum += dense[matrix->changed_numbers[e]] * matrix->changed_values[e];
        products[matrix->changed_rows[c]] = sum;
    }
    for (int64_t i = 0; i < query->count; i++)
        if (query->numbers[i] < matrix->vocabulary) dense[query->numbers[i]] = 0;
}

/* The nearest of some places to every place of the map, in percent, as seats of a company and as regions that it
 * serves; -1 without places. Most of the map lies in other prefectures, and is as near as these are. */
static void nearness(const Map *map, const int32_t *codes, int64_t count, const int32_t *levels, const uint8_t *named,
                     int8_t *seat, int8_t *served) {
    const int32_t *prefectures = map->codes, *regions = map->codes + map->places, *areas = regions + map->places,
                  *municipalities = areas + map->places;
    int32_t apart[PREFECTURES];
    for (int p = 0; p < PREFECTURES; p++) apart[p] = -1;
    for (int64_t n = 0; n < count; n++) {
        const int32_t own = codes[4 * n];
        for (int p = 0; p < PREFECTURES; p++) {
            if (p == own && own) continue;
            const int is_near = map->neighbours[own * PREFECTURES + p];
            const int32_t level = !own || !p ? levels[L_NATIONWIDE] : levels[is_near ? L_NEIGHBOUR : L_ELSEWHERE];
            apart[p] = level > apart[p] ? level : apart[p];
        }
    }
    for (int64_t q = 0; q < map->places; q++) seat[q] = (int8_t)apart[prefectures[q]];
    memcpy(served, seat, (size_t)map->places);
    for (int64_t n = 0; n < count; n++) {
        const int32_t *code = codes + 4 * n;
        /* A part that is not known is the same as nothing: no code is this low. */
        const int32_t region = code[1] ? code[1] : INT32_MIN, area = code[2] ? code[2] : INT32_MIN,
                      municipality = code[3] ? code[3] : INT32_MIN;
        if (!code[0]) continue;
        for (int64_t i = map->prefecture_starts[code[0]]; i < map->prefecture_starts[code[0] + 1]; i++) {
            const int32_t q = map->by_prefecture[i];
            int32_t found = regions[q] == region ? levels[L_REGION] : -1;
            found = areas[q] == area ? levels[L_AREA] : found;
            found = municipalities[q] == municipality || (named && named[q]) ? levels[L_MUNICIPALITY] : found;
            const int32_t as_seat = found < 0 ? levels[L_PREFECTURE] : found;
            const int32_t as_served = found < 0 ? levels[L_SERVED] : found;
            seat[q] = (int8_t)(as_seat > seat[q] ? as_seat : seat[q]);
            served[q] = (int8_t)(as_served > served[q] ? as_served : served[q]);
        }
    }
}

/* Which places lie within one place, or round it, as far as both are known. */
static void meeting(const Map *map, const int32_t *code, uint8_t *meets) {
    const int32_t *regions = map->codes + map->places, *areas = regions + map->places,
                  *municipalities = areas + map->places;
    if (!code[0]) {
        memset(meets, 1, (size_t)map->places);
        return;
    }
    for (int64_t i = map->prefecture_starts[0]; i < map->prefecture_starts[1]; i++) meets[map->by_prefecture[i]] = 1;
    for (int64_t i = map->prefecture_starts[code[0]]; i < map->prefecture_starts[code[0] + 1]; i++) {
        const int32_t q = map->by_prefecture[i];
        meets[q] |= (uint8_t)(((regions[q] == code[1]) | (regions[q] == 0) | (code[1] == 0)) &
                              ((areas[q] == code[2]) | (areas[q] == 0) | (code[2] == 0)) &
                              ((municipalities[q] == code[3]) | (municipalities[q] == 0) | (code[3] == 0)));
    }
}

/* The most that a table says of a row's places; its entry -1 stands where a row has fewer places than others. */
static ALWAYS_INLINE int32_t most_of(const int8_t *table, const int32_t *places, int64_t each, int32_t most) {
    for (int64_t c = 0; c < each; c++) most = table[places[c]] > most ? table[places[c]] : most;
    return most;
}

static ALWAYS_INLINE void nearest_rows_of(const Side *side, int64_t seats_each, int64_t each, const int8_t *seat,
                                          const int8_t *served, const int16_t *of_percent, int16_t *points) {
    for (int64_t r = 0; r < side->rows; r++) {
        const int32_t of_seats = most_of(seat, side->seats + r * side->seats_each, seats_each, -1);
        points[r] = of_percent[most_of(served, side->where + r * each, each, of_seats)];
    }
}

static void nearest_rows(const Side *side, int64_t seats_each, const int8_t *seat, const int8_t *served,
                         const int16_t *of_percent, int16_t *points) {
    /* Written out for the usual numbers of places: a loop of known length costs a third. */
    switch (side->places_each) {
    case 1: nearest_rows_of(side, seats_each, 1, seat, served, of_percent, points); break;
    case 2: nearest_rows_of(side, seats_each, 2, seat, served, of_percent, points); break;
    case 3: nearest_rows_of(side, seats_each, 3, seat, served, of_percent, points); break;
    case 4: nearest_rows_of(side, seats_each, 4, seat, served, of_percent, points); break;
    default: nearest_rows_of(side, seats_each, side->places_each, seat, served, of_percent, points);
    }
}

static void region_points(const Side *side, const Map *map, const Rules *rules, const Query *query, Scratch *scratch,
                          int16_t *points) {
    const int64_t rows = side->rows, places = map->places;
    int16_t of_percent[102]; /* the first is that of -1, where a row did not answer */
    of_percent[0] = (int16_t)rules->neutral[P_REGION];
    for (int p = 0; p <= 100; p++) of_percent[p + 1] = (int16_t)(p / 100.0 * rules->weights[P_REGION] + 0.5);
    if (!query->places && !query->seats) {
        same_points(points, rows, rules->neutral[P_REGION]);
        return;
    }
    /* Place -1 stands where a row has fewer places than others: nothing is less near. */
    int8_t *seat = scratch->near_seat + 1, *served = scratch->near_served + 1;
    seat[-1] = served[-1] = -1;
    if (query->is_proposal)
        nearness(map, query->place_codes, query->places, rules->levels, NULL, seat, served);
    else {
        /* Of a company the seat counts as one, and its regions as served. */
        int8_t *unused = scratch->unused;
        uint8_t *named = query->names ? scratch->inside : NULL;
        for (int64_t q = 0; named && q < places; q++) named[q] = map->spoken[q] >= 0 && query->names[map->spoken[q]];
        nearness(map, query->seat_codes, query->seats, rules->levels, named, seat, unused);
        nearness(map, query->place_codes, query->places, rules->levels, named, unused, served);
        for (int64_t q = 0; q < places; q++) served[q] = seat[q] > served[q] ? seat[q] : served[q];
    }
    nearest_rows(side, query->is_proposal ? side->seats_each : 0, seat, served, of_percent + 1, points);
    const int16_t here = of_percent[rules->levels[L_MUNICIPALITY] + 1];
    for (int64_t s = 0; s < query->said; s++) {
        const int64_t r = query->said_rows[s];
        const int32_t prefecture = query->place_codes[4 * query->said_places[s]];
        int is_local = 0;
        for (int64_t c = 0; c < side->seats_each; c++) {
            const int32_t place = side->seats[r * side->seats_each + c];
            is_local |= place >= 0 && map->codes[place] == prefecture;
        }
        for (int64_t c = 0; c < side->places_each; c++) {
            const int32_t place = side->where[r * side->places_each + c];
            is_local |= place >= 0 && map->codes[place] == prefecture;
        }
        if (is_local && prefecture > 0 && here > points[r]) points[r] = here;
    }
}

/* How well one need and one offer fit (criteria.item_fit), for every stored item. */
FOR_EACH_PROCESSOR
static void item_fits(const Side *side, const Rules *rules, const Query *query, int64_t item,
                      const int32_t *products, double *fits) {
    const int8_t kind = query->kinds[item], unit = query->units[item];
    const double own = query->amounts[item], rest = 1.0 - rules->same_kind_share;
    const double same_kind = rules->same_kind_share, unit_squared = rules->unit_squared;
    for (int64_t i = 0; i < side->items; i++) {
        double detail = products[i] / unit_squared;
        detail = detail < 1.0 ? detail : 1.0;
        fits[i] = (side->kinds[i] == kind ? same_kind : 0.0) + rest * detail;
    }
    const int is_need = query->is_proposal;
    if (unit < 0 || isnan(own) || (is_need && own == 0.0)) return;
    for (int64_t i = 0; i < side->items; i++) {
        const double other = side->amounts[i];
        const double given = is_need ? other : own, wanted = is_need ? own : other;
        double part = (given > 0.0 ? given : 0.0) / wanted;
        part = 0.5 + 0.5 * (part < 1.0 ? part : 1.0);
        /* Not stated is NaN, which equals nothing; an amount that is wanted may not be zero. */
        const int is_counted = (side->units[i] == unit) & (other == other) & (is_need | (other != 0.0));
        fits[i] *= is_counted ? part : 1.0;
    }
}

/* For every need the best of a row's items, then their mean. Item -1 stands where a row has fewer items than others. */
FOR_EACH_PROCESSOR
static void best_fits(const Side *side, const double *fits, int64_t needs, double *shares) {
    const int64_t each = side->items_each;
    memset(shares, 0, (size_t)side->rows * sizeof(double));
    for (int64_t first = 0; first < needs; first += TOGETHER) {
        const double *table = fits + TOGETHER + first * (side->items + 1);
        for (int64_t r = 0; r < side->rows; r++) {
            const int32_t *own = side->own_items + r * each;
            Four best = {-1.0, -1.0, -1.0, -1.0};
            for (int64_t c = 0; c < each; c++) {
                Four fit;
                memcpy(&fit, table + (int64_t)own[c] * TOGETHER, sizeof fit);
                const Masks is_better = fit > best;
                best = (Four)((is_better & (Masks)fit) | (~is_better & (Masks)best));
            }
            for (int64_t n = 0; n < TOGETHER && first + n < needs; n++) shares[r] += best[n];
        }
    }
    for (int64_t r = 0; r < side->rows; r++) shares[r] /= (double)needs;
}

/* The mean, over a row's items, of what fits each best. */
static void mean_fits(const Side *side, const double *fits, double *shares) {
    const int64_t each = side->items_each;
    for (int64_t r = 0; r < side->rows; r++) {
        const int32_t *own = side->own_items + r * each;
        double total = 0.0;
        int64_t count = 0;
        for (; count < each && own[count] >= 0; count++) total += fits[own[count]];
        shares[r] = total / (double)(count > 1 ? count : 1);
    }
}

FOR_EACH_PROCESSOR
static void points_of_shares(const Side *side, const double *shares, int32_t weight, int32_t neutral,
                             int16_t *points) {
    for (int64_t r = 0; r < side->rows; r++) {
        const int is_answered = side->items_each > 0 && side->own_items[r * side->items_each] >= 0;
        const int32_t found = (int32_t)(shares[r] * weight + 0.5);
        points[r] = (int16_t)(is_answered ? found : neutral);
    }
}

static void needs_points(const Side *side, const Rules *rules, const Query *query, Scratch *scratch,
                         int16_t *points) {
    if (!query->items) {
        same_points(points, side->rows, rules->neutral[P_NEEDS]);
        return;
    }
    const int64_t items = side->items;
    double *fits = scratch->item_fits, *table = scratch->fits;
    for (int64_t n = 0; n < query->items; n++) {
        const int64_t begin = query->item_starts[n];
        Terms details = {query->item_starts[n + 1] - begin, query->item_numbers + begin, query->item_values + begin, 1};
        sparse_products(&side->details, &details, items, scratch->dense, scratch->item_products);
        item_fits(side, rules, query, n, scratch->item_products, fits);
        if (query->is_proposal) {
            /* A few needs side by side: one look at an offer serves them all. */
            double *column = table + n / TOGETHER * TOGETHER * (items + 1) + n % TOGETHER;
            column[0] = -1.0;
            for (int64_t i = 0; i < items; i++) column[(i + 1) * TOGETHER] = fits[i];
        } else
            for (int64_t i = 0; i < items; i++) table[i] = n && table[i] > fits[i] ? table[i] : fits[i];
    }
    if (query->is_proposal) best_fits(side, table, query->items, scratch->shares);
    else mean_fits(side, table, scratch->shares);
    points_of_shares(side, scratch->shares, rules->weights[P_NEEDS], rules->neutral[P_NEEDS], points);
}

static int32_t gained(int16_t *const *points, int64_t row, const int *view, int count) {
    int32_t sum = 0;
    for (int i = 0; i < count; i++) sum += points[view[i]][row];
    return sum;
}

static void one_sidedness_points(const Rules *rules, int64_t rows, int16_t *const *points) {
    static const int npo_view[] = {P_WORDS, P_BIGRAMS, P_MEANING, P_REGION, P_NEEDS};
    static const int company_view[] = {P_WORDS, P_BIGRAMS, P_MEANING, P_REGION, P_THEME, P_BUSINESS};
    int32_t npo_most = 0, company_most = 0;
    for (int i = 0; i < 5; i++) npo_most += rules->weights[npo_view[i]];
    for (int i = 0; i < 6; i++) company_most += rules->weights[company_view[i]];
    for (int64_t r = 0; r < rows; r++) {
        const int32_t npo = 1000 * gained(points, r, npo_view, 5) / (npo_most > 1 ? npo_most : 1);
        const int32_t company = 1000 * gained(points, r, company_view, 6) / (company_most > 1 ? company_most : 1);
        points[P_ONE_SIDEDNESS][r] = (int16_t)(-(abs(npo - company) * rules->one_sidedness / 1000));
    }
}

/* The content points of every row, one array of them after the other: (PARTS - 1, rows). */
static void content_points(const Side *side, const Map *map, const Rules *rules, const Query *query,
                           Scratch *scratch, int16_t *parts) {
    const int64_t rows = side->rows;
    int16_t *points[PARTS];
    for (int p = 0; p < PARTS; p++) points[p] = parts + p * rows;
    for (int p = 0; p < PARTS; p++)
        if (!rules->weights[p]) memset(points[p], 0, (size_t)rows * sizeof(int16_t));
    for (int list = 0; list < LISTS; list++) {
        const int part = part_of[list];
        const Terms *terms = &query->lists[list];
        if (!rules->weights[part]) continue;
        if (!terms->is_answered) {
            same_points(points[part], rows, rules->neutral[part]);
            continue;
        }
        sparse_products(&side->lists[list], terms, rows, scratch->dense, scratch->products);
        points_of(scratch->products, side->lists[list].answered, rows, rules->full[part], rules->weights[part],
                  rules->neutral[part], points[part]);
    }
    if (rules->weights[P_MEANING]) {
        if (query->vector && side->width) {
            const int32_t *products = query->products ? query->products : scratch->products;
            if (!query->products) multiply_rows(side->vectors, query->vector, 1, rows, side->width, scratch->products);
            points_of(products, side->has_vector, rows, rules->full[P_MEANING], rules->weights[P_MEANING],
                      rules->neutral[P_MEANING], points[P_MEANING]);
        } else
            same_points(points[P_MEANING], rows, rules->neutral[P_MEANING]);
    }
    if (rules->weights[P_REGION]) region_points(side, map, rules, query, scratch, points[P_REGION]);
    if (rules->weights[P_NEEDS]) needs_points(side, rules, query, scratch, points[P_NEEDS]);
    if (rules->one_sidedness) one_sidedness_points(rules, rows, points);
}

FOR_EACH_PROCESSOR
static void add_pool(const Side *side, const Rules *rules, double own, int16_t *pool) {
    for (int64_t r = 0; r < side->rows; r++)
        pool[r] = (int16_t)floor(0.5 - (own + side->demands[r]) * rules->pool_percent / 100.0);
}

FOR_EACH_PROCESSOR
static void sum_parts(const int16_t *parts, int64_t rows, int count, int32_t *totals) {
    enum { BLOCK = 4096 };
    for (int64_t begin = 0; begin < rows; begin += BLOCK) {
        const int64_t end = begin + BLOCK < rows ? begin + BLOCK : rows;
        memset(totals + begin, 0, (size_t)(end - begin) * sizeof(int32_t));
        for (int p = 0; p < count; p++)
            for (int64_t r = begin; r < end; r++) totals[r] += parts[p * rows + r];
    }
}

FOR_EACH_PROCESSOR
static void conditions_broken(const Side *side, const Query *query, int is_over, int32_t hard,
                              uint8_t *restrict broken) {
    const int64_t stride = side->conditions_stride, rows = side->rows;
    const int32_t *fields = side->conditions + C_FIELDS * stride, *forms = side->conditions + C_FORMS * stride,
                  *kinds = side->conditions + C_KINDS * stride, *until = side->conditions + C_UNTIL * stride;
    const int32_t own_fields = query->conditions[C_FIELDS], own_forms = query->conditions[C_FORMS],
                  own_kinds = query->conditions[C_KINDS], today = query->today;
    const int is_proposal = query->is_proposal;
    const int32_t if_over = is_proposal ? CLOSED : EXPIRED, if_row_over = is_proposal ? EXPIRED : CLOSED;
    const int32_t always = is_over ? if_over : 0;
    /* Bits without branches, so that many rows are judged at once. */
    for (int64_t r = 0; r < rows; r++) {
        const int32_t asked = is_proposal ? own_kinds : kinds[r], refused = is_proposal ? kinds[r] : own_kinds;
        int32_t found = always | (until[r] < today) * if_row_over;
        found |= ((fields[r] & own_fields) != 0) * FIELD;
        found |= ((forms[r] & own_forms) != 0) * FORM;
        found |= ((asked != 0) & ((asked & ~refused) == 0)) * NEEDS_REFUSED;
        broken[r] = (uint8_t)(found & hard);
    }
}

static ALWAYS_INLINE void places_broken_of(const Side *side, int64_t each, const int32_t *refuses, int32_t all_refuse,
                                           const uint8_t *meets, uint8_t *restrict broken) {
    const int64_t rows = side->rows;
    const int32_t *where = side->where;
    for (int64_t r = 0; r < rows; r++, where += each) {
        int32_t is_met = where[0] < 0;
        for (int64_t c = 0; c < each; c++) is_met |= meets[where[c]];
        broken[r] |= (uint8_t)((!is_met & ((refuses[r] | all_refuse) != 0)) * OUTSIDE);
    }
}

static void places_broken(const Side *side, const int32_t *refuses, int32_t all_refuse, const uint8_t *meets,
                          uint8_t *broken) {
    switch (side->places_each) {
    case 0: break; /* no row has a place */
    case 1: places_broken_of(side, 1, refuses, all_refuse, meets, broken); break;
    case 2: places_broken_of(side, 2, refuses, all_refuse, meets, broken); break;
    case 3: places_broken_of(side, 3, refuses, all_refuse, meets, broken); break;
    case 4: places_broken_of(side, 4, refuses, all_refuse, meets, broken); break;
    default: places_broken_of(side, side->places_each, refuses, all_refuse, meets, broken);
    }
}

/* Which hard conditions every row breaks with the query, as bits. */
static void broken_bits(const Side *side, const Map *map, const Rules *rules, const Query *query, Scratch *scratch,
                        uint8_t *broken) {
    const int32_t *outside = side->conditions + C_OUTSIDE * side->conditions_stride;
    const int is_over = query->conditions[C_UNTIL] < query->today;
    const int judges_places = rules->hard & OUTSIDE && query->places > 0 &&
                              (query->is_proposal || query->conditions[C_OUTSIDE]);
    if (judges_places) {
        memset(scratch->meets, 0, (size_t)map->places + 1);
        for (int64_t p = 0; p < query->places; p++) meeting(map, query->place_codes + 4 * p, scratch->meets + 1);
    }
    conditions_broken(side, query, is_over, rules->hard, broken);
    if (judges_places) {
        places_broken(side, outside, !query->is_proposal, scratch->meets + 1, broken);
    }
}

static int64_t larger(int64_t one, int64_t other) { return one > other ? one : other; }

/* Cut the next piece from the caller's room; without room only its size is counted. */
static void *cut(Room *room, int64_t count, size_t size) {
    void *piece = room->begin ? room->begin + room->used : NULL;
    room->used += (int64_t)(((size_t)count * size + 63) / 64 * 64);
    return piece;
}

static void cut_scratch(const Side *side, const Map *map, int64_t most_items, Room *room, Scratch *scratch) {
    int64_t vocabulary = side->details.vocabulary;
    for (int list = 0; list < LISTS; list++) vocabulary = larger(vocabulary, side->lists[list].vocabulary);
    const int64_t rows = side->rows, items = side->items + 1, places = map->places + 1;
    const int64_t needs = (most_items + TOGETHER) / TOGETHER * TOGETHER;
    scratch->products = cut(room, rows, sizeof(int32_t));
    scratch->dense = cut(room, vocabulary, sizeof(int16_t));
    scratch->near_seat = cut(room, places, sizeof(int8_t));
    scratch->near_served = cut(room, places, sizeof(int8_t));
    scratch->unused = cut(room, places, sizeof(int8_t));
    scratch->meets = cut(room, places, sizeof(uint8_t));
    scratch->inside = cut(room, places, sizeof(uint8_t));
    scratch->fits = cut(room, items * needs, sizeof(double));
    scratch->item_fits = cut(room, items, sizeof(double));
    scratch->shares = cut(room, rows, sizeof(double));
    scratch->item_products = cut(room, items, sizeof(int32_t));
    if (room->begin) memset(scratch->dense, 0, (size_t)vocabulary * sizeof(int16_t));
}

/* Score a query against a side: parts (PARTS, rows), their sums, and the conditions that each row breaks. */
void score(const Side *side, const Map *map, const Rules *rules, const Query *query, Room *room, int16_t *parts,
           int32_t *totals, uint8_t *broken) {
    Scratch scratch;
    cut_scratch(side, map, query->items, room, &scratch);
    if (!room->begin) return;
    content_points(side, map, rules, query, &scratch, parts);
    if (!isnan(query->demand)) add_pool(side, rules, query->demand, parts + P_POOL * side->rows);
    sum_parts(parts, side->rows, PARTS, totals);
    broken_bits(side, map, rules, query, &scratch, broken);
}

static Terms terms_of(const Matrix *matrix, int64_t row) {
    int64_t low = 0, high = matrix->changed;
    while (low < high) {
        const int64_t middle = (low + high) / 2;
        if (matrix->changed_rows[middle] < row) low = middle + 1;
        else high = middle;
    }
    if (low < matrix->changed && matrix->changed_rows[low] == row) {
        const int64_t begin = matrix->changed_starts[low];
        return (Terms){matrix->changed_starts[low + 1] - begin, matrix->changed_numbers + begin,
                       matrix->changed_values + begin, matrix->answered[row]};
    }
    const int64_t begin = matrix->starts[row];
    return (Terms){matrix->starts[row + 1] - begin, matrix->numbers + begin, matrix->values + begin,
                   matrix->answered[row]};
}

/* What a stored record asks, gathered from the arrays of its own side. */
typedef struct {
    Query query;
    int32_t *place_codes, *seat_codes, *said_rows, *said_places;
    uint8_t *names;
    int8_t *kinds, *units;
    double *amounts;
    int64_t *item_starts;
    int32_t *item_numbers;
    int16_t *item_values;
} Gathered;

static int64_t gathered_codes(const int32_t *numbers, int64_t each, const Map *map, int32_t *codes) {
    int64_t count = 0;
    for (; count < each && numbers[count] >= 0; count++)
        for (int part = 0; part < 4; part++) codes[4 * count + part] = map->codes[part * map->places + numbers[count]];
    return count;
}

static void gather_said(const Side *own, const Map *map, int64_t row, Gathered *gathered) {
    Query *query = &gathered->query;
    const int32_t *numbers = own->where + row * own->places_each;
    query->said = 0;
    for (int64_t p = 0; p < query->places; p++) {
        const int32_t name = map->spoken[numbers[p]];
        if (name < 0) continue;
        for (int64_t i = map->said_starts[name]; i < map->said_starts[name + 1]; i++) {
            gathered->said_rows[query->said] = map->said_rows[i];
            gathered->said_places[query->said++] = (int32_t)p;
        }
    }
}

static void gather_items(const Side *own, int64_t row, Gathered *gathered) {
    Query *query = &gathered->query;
    const int32_t *numbers = own->own_items + row * own->items_each;
    int64_t at = 0;
    query->items = 0;
    for (int64_t n = 0; n < own->items_each && numbers[n] >= 0; n++) {
        const Terms terms = terms_of(&own->details, numbers[n]);
        gathered->item_starts[n] = at;
        gathered->kinds[n] = own->kinds[numbers[n]];
        gathered->units[n] = own->units[numbers[n]];
        gathered->amounts[n] = own->amounts[numbers[n]];
        for (int64_t i = 0; i < terms.count; i++, at++) {
            gathered->item_numbers[at] = terms.numbers[i];
            gathered->item_values[at] = terms.values[i];
        }
        query->items++;
    }
    gathered->item_starts[query->items] = at;
}

static void gather(const Side *own, const Map *map, int64_t row, const int32_t *products, Gathered *gathered) {
    Query *query = &gathered->query;
    for (int list = 0; list < LISTS; list++) query->lists[list] = terms_of(&own->lists[list], row);
    query->vector = own->width && own->has_vector[row] ? own->vectors + row * own->width : NULL;
    query->products = products;
    query->places = gathered_codes(own->where + row * own->places_each, own->places_each, map, gathered->place_codes);
    query->seats = gathered_codes(own->seats + row * own->seats_each, own->seats_each, map, gathered->seat_codes);
    for (int c = 0; c < CONDITIONS; c++) query->conditions[c] = own->conditions[c * own->conditions_stride + row];
    query->demand = own->demands ? own->demands[row] : NAN;
    if (query->is_proposal) gather_said(own, map, row, gathered);
    else {
        memset(gathered->names, 0, (size_t)map->names);
        for (int64_t i = own->naming_starts[row]; i < own->naming_starts[row + 1]; i++)
            gathered->names[own->naming[i]] = 1;
    }
    gather_items(own, row, gathered);
}

/* Multiply the vectors of the next few records, and let ``products`` be those of each in turn. */
static void multiply_next(const Side *own, const Side *side, const int64_t *asked, int64_t count, int32_t *products) {
    int8_t vectors[TOGETHER * WIDEST] = {0};
    const int64_t width = side->width;
    if (!width || own->width != width) return;
    for (int64_t n = 0; n < count && n < TOGETHER; n++)
        memcpy(vectors + n * width, own->vectors + asked[n] * width, (size_t)width);
    multiply_rows(side->vectors, vectors, TOGETHER, side->rows, width, products);
}

static int64_t longest_row(const Matrix *matrix, int64_t rows) {
    int64_t longest = 0;
    for (int64_t row = 0; row < rows; row++) longest = larger(longest, terms_of(matrix, row).count);
    return longest;
}

static int64_t most_said(const Map *map) {
    int64_t most = 0;
    for (int64_t name = 0; name < map->names; name++)
        most = larger(most, map->said_starts[name + 1] - map->said_starts[name]);
    return most;
}

static void cut_gathered(const Side *own, const Map *map, int is_proposal, int32_t today, Room *room,
                         Gathered *gathered) {
    const int64_t items = own->items_each + 1, terms = items * longest_row(&own->details, own->items);
    const int64_t said = is_proposal ? own->places_each * most_said(map) : 0;
    memset(gathered, 0, sizeof *gathered);
    Query *query = &gathered->query;
    query->is_proposal = is_proposal;
    query->today = today;
    query->place_codes = gathered->place_codes = cut(room, 4 * own->places_each, sizeof(int32_t));
    query->seat_codes = gathered->seat_codes = cut(room, 4 * own->seats_each, sizeof(int32_t));
    query->said_rows = gathered->said_rows = cut(room, said, sizeof(int32_t));
    query->said_places = gathered->said_places = cut(room, said, sizeof(int32_t));
    query->names = gathered->names = cut(room, map->names, sizeof(uint8_t));
    query->kinds = gathered->kinds = cut(room, items, sizeof(int8_t));
    query->units = gathered->units = cut(room, items, sizeof(int8_t));
    query->amounts = gathered->amounts = cut(room, items, sizeof(double));
    query->item_starts = gathered->item_starts = cut(room, items, sizeof(int64_t));
    query->item_numbers = gathered->item_numbers = cut(room, terms, sizeof(int32_t));
    query->item_values = gathered->item_values = cut(room, terms, sizeof(int16_t));
}

static void sink(int64_t *heap, int64_t size, int64_t at) {
    for (;;) {
        int64_t child = 2 * at + 1;
        if (child >= size) return;
        if (child + 1 < size && heap[child + 1] < heap[child]) child++;
        if (heap[at] <= heap[child]) return;
        const int64_t kept = heap[at];
        heap[at] = heap[child];
        heap[child] = kept;
        at = child;
    }
}

static int64_t floor_division(int64_t number, int64_t by) { return number / by - (number % by < 0); }

/* Keep the best rows that are in the list and break nothing, best first, equal points by id; returns how many there
 * are. ``keys`` has room for them, row_at is the row of each place in the order of ids. */
int64_t keep_best(const int32_t *totals, const uint8_t *is_in, const uint8_t *broken, const int64_t *place_in_order,
                  const int64_t *row_at, int64_t rows, int64_t top, int64_t *keys, int64_t *best) {
    int64_t size = 0, lowest = 0;
    if (top < 1) return 0;
    for (int64_t r = 0; r < rows; r++) {
        /* Few rows are better than the worst that is kept: that is looked at first. */
        if (size == top && (int64_t)totals[r] < lowest) continue;
        if (!is_in[r] || broken[r]) continue;
        /* Larger is better and no two are alike. */
        const int64_t key = (int64_t)totals[r] * rows + (rows - 1 - place_in_order[r]);
        if (size < top) {
            keys[size++] = key;
            if (size == top)
                for (int64_t at = top / 2; at-- > 0;) sink(keys, size, at);
        } else if (key > keys[0]) {
            keys[0] = key;
            sink(keys, size, 0);
        } else continue;
        lowest = floor_division(keys[0], rows);
    }
    if (size < top)
        for (int64_t at = size / 2; at-- > 0;) sink(keys, size, at);
    for (int64_t left = size; left-- > 0;) {
        best[left] = row_at[rows - 1 - (keys[0] - floor_division(keys[0], rows) * rows)];
        keys[0] = keys[left];
        sink(keys, left, 0);
    }
    return size;
}

/* The best of a side for some rows of the other one: (asked, top) rows and points, and how many each has. */
void best_of_all(const Side *own, const Side *side, const Map *map, const Rules *rules, int32_t is_proposal,
                 int32_t today, Room *room, const int64_t *asked, int64_t count, int64_t top,
                 int64_t *best_rows, int16_t *best_points, int64_t *found) {
    Scratch scratch;
    Gathered gathered;
    const int64_t rows = side->rows;
    cut_scratch(side, map, own->items_each, room, &scratch);
    cut_gathered(own, map, is_proposal, today, room, &gathered);
    int16_t *parts = cut(room, PARTS * rows, sizeof(int16_t));
    int32_t *products = cut(room, TOGETHER * rows, sizeof(int32_t));
    int32_t *totals = cut(room, rows, sizeof(int32_t));
    uint8_t *broken = cut(room, rows, sizeof(uint8_t));
    int64_t *keys = cut(room, top, sizeof(int64_t));
    for (int64_t i = 0; room->begin && i < count; i++) {
        if (i % TOGETHER == 0) multiply_next(own, side, asked + i, count - i, products);
        gather(own, map, asked[i], products + i % TOGETHER * rows, &gathered);
        content_points(side, map, rules, &gathered.query, &scratch, parts);
        add_pool(side, rules, gathered.query.demand, parts + P_POOL * rows);
        sum_parts(parts, rows, PARTS, totals);
        broken_bits(side, map, rules, &gathered.query, &scratch, broken);
        found[i] = keep_best(totals, side->is_alive, broken, side->place_in_order, side->row_at, rows, top, keys,
                             best_rows + i * top);
        for (int64_t n = 0; n < found[i]; n++) best_points[i * top + n] = (int16_t)totals[best_rows[i * top + n]];
    }
}

/* The content points of some rows of one side with all of the other: (asked, rows of the other). */
void totals_of(const Side *own, const Side *side, const Map *map, const Rules *rules, int32_t is_proposal, Room *room,
               const int64_t *asked, int64_t count, int16_t *totals) {
    Scratch scratch;
    Gathered gathered;
    const int64_t rows = side->rows;
    cut_scratch(side, map, own->items_each, room, &scratch);
    cut_gathered(own, map, is_proposal, 0, room, &gathered);
    int16_t *parts = cut(room, PARTS * rows, sizeof(int16_t));
    int32_t *products = cut(room, TOGETHER * rows, sizeof(int32_t));
    int32_t *sums = cut(room, rows, sizeof(int32_t));
    for (int64_t i = 0; room->begin && i < count; i++) {
        if (i % TOGETHER == 0) multiply_next(own, side, asked + i, count - i, products);
        gather(own, map, asked[i], products + i % TOGETHER * rows, &gathered);
        content_points(side, map, rules, &gathered.query, &scratch, parts);
        sum_parts(parts, rows, P_POOL, sums);
        for (int64_t r = 0; r < rows; r++) totals[i * rows + r] = (int16_t)sums[r];
    }
}
