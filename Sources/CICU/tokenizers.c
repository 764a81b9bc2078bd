// Tokenizers besides UAX #29's words: the whole text, white space, identifiers, n-grams.
#include <unicode/uchar.h>
#include <unicode/utf16.h>

#include "segmenter.h"

/// Code points of an n-gram at most.
#define GRAM_MAX 16

static UChar32 unit_at(const tandem_segmenter *s, int32_t i) {
    UChar32 c;
    U16_GET(s->units, 0, i, (int32_t)s->unit_count, c);
    return c;
}

static int is_space(UChar32 c) { return u_isUWhiteSpace(c) || c == 0x200B; }

/// Appends units [from, to) as a segment; 0 or -1.
static int append(tandem_segmenter *s, int32_t from, int32_t to, uint8_t kind) {
    if (from >= to) return 0;
    size_t folded_start = s->folded_count;
    if (segmenter_write(s, from, to)) return -1;
    // Of ignorable characters only.
    if (s->folded_count == folded_start) return 0;
    tandem_segment *segment = segmenter_append(s);
    if (!segment) return -1;
    *segment = (tandem_segment){
        .folded_start = (uint32_t)folded_start,
        .folded_end = (uint32_t)s->folded_count,
        .source_start = s->starts[from],
        .source_end = s->ends[to - 1],
        .kind = kind,
        .separated = 1,
    };
    segment->verbatim = segmenter_is_verbatim(s, segment);
    return 0;
}

int segmenter_keep_whole(tandem_segmenter *s) {
    int32_t from = 0, to = (int32_t)s->unit_count;
    while (from < to && is_space(unit_at(s, from))) from++;
    while (to > from && is_space(unit_at(s, to - 1))) to--;
    return append(s, from, to, TANDEM_SEGMENT_STANDALONE);
}

/// Calls `body` with every run of units without white space; 0 or -1.
static int for_each_run(tandem_segmenter *s, int (*body)(tandem_segmenter *, int32_t, int32_t, const int *), const int *context) {
    int32_t count = (int32_t)s->unit_count, from = -1;
    for (int32_t i = 0; i < count;) {
        int32_t at = i;
        UChar32 c;
        U16_NEXT(s->units, i, count, c);
        if (is_space(c)) {
            if (from >= 0 && body(s, from, at, context)) return -1;
            from = -1;
        } else if (from < 0) {
            from = at;
        }
    }
    return from >= 0 ? body(s, from, count, context) : 0;
}

static int append_run(tandem_segmenter *s, int32_t from, int32_t to, const int *context) {
    (void)context;
    return append(s, from, to, TANDEM_SEGMENT_STANDALONE);
}

int segmenter_break_at_spaces(tandem_segmenter *s) { return for_each_run(s, append_run, NULL); }

static int append_grams(tandem_segmenter *s, int32_t from, int32_t to, const int *lengths) {
    for (int32_t start = from; start < to;) {
        int32_t end = start;
        for (int points = 1; points <= lengths[1] && end < to; points++) {
            U16_FWD_1(s->units, end, to);
            if (points >= lengths[0] && append(s, start, end, TANDEM_SEGMENT_STANDALONE)) return -1;
        }
        U16_FWD_1(s->units, start, to);
    }
    return 0;
}

int segmenter_break_grams(tandem_segmenter *s, int least, int most) {
    if (least < 1 || most < least || most > GRAM_MAX) return -1;
    const int lengths[2] = {least, most};
    return for_each_run(s, append_grams, lengths);
}

// MARK: Identifiers

typedef enum { OUTSIDE, JOINER, LOWER, UPPER, DIGIT } code_class;

static code_class code_class_of(UChar32 c) {
    switch (c) {
        case '_': case '.': case '-': case '/': case ':': case '@': case '#': case '$': case '+': case '~': case '\\': return JOINER;
        default: break;
    }
    uint32_t category = U_MASK(u_charType(c));
    if (category & U_GC_N_MASK) return DIGIT;
    if (category & (U_GC_LU_MASK | U_GC_LT_MASK)) return UPPER;
    return category & (U_GC_L_MASK | U_GC_M_MASK) ? LOWER : OUTSIDE;
}

/// The pieces of the identifier [from, to): at joiners, between letters and digits, before an upper-case letter that follows a lower-case one
/// (`camel|Case`) or begins a word after others (`HTTP|Server`).
static int append_pieces(tandem_segmenter *s, int32_t from, int32_t to) {
    int32_t start = -1;
    code_class last = JOINER;
    for (int32_t i = from; i <= to;) {
        int32_t at = i;
        code_class of = JOINER;
        if (i < to) {
            UChar32 c;
            U16_NEXT(s->units, i, to, c);
            of = code_class_of(c);
            if (U_MASK(u_charType(c)) & U_GC_M_MASK && last != JOINER) of = last;
        } else {
            i++;
        }
        code_class after = i < to ? code_class_of(unit_at(s, i)) : JOINER;
        int ends = of == JOINER || (of == DIGIT) != (last == DIGIT) || (of == UPPER && (last == LOWER || (last == UPPER && after == LOWER)));
        if (start >= 0 && ends) {
            // Of one piece only: it is the word itself.
            if ((start > from || at < to) && append(s, start, at, TANDEM_SEGMENT_PART)) return -1;
            start = -1;
        }
        if (of != JOINER && start < 0) start = at;
        last = of;
    }
    return 0;
}

static int append_identifier(tandem_segmenter *s, int32_t from, int32_t to) {
    int has_word = 0;
    // A joiner at the end ends a sentence or begins a list, but `c++`, `c#` and `US$` keep theirs; so does what begins a path, an option, a tag.
    while (from < to && unit_at(s, from) == ':') from++;
    while (to > from) {
        UChar32 c = unit_at(s, to - 1);
        if (code_class_of(c) != JOINER || c == '+' || c == '#' || c == '$' || c == '_') break;
        to--;
    }
    for (int32_t i = from; i < to && !has_word; i++) {
        code_class of = code_class_of(unit_at(s, i));
        has_word = of != JOINER && of != OUTSIDE;
    }
    if (!has_word) return 0;
    return append(s, from, to, TANDEM_SEGMENT_STANDALONE) || append_pieces(s, from, to) ? -1 : 0;
}

int segmenter_break_identifiers(tandem_segmenter *s) {
    int32_t count = (int32_t)s->unit_count, from = -1;
    for (int32_t i = 0; i < count;) {
        int32_t at = i;
        UChar32 c;
        U16_NEXT(s->units, i, count, c);
        if (code_class_of(c) == OUTSIDE) {
            if (from >= 0 && append_identifier(s, from, at)) return -1;
            from = -1;
        } else if (from < 0) {
            from = at;
        }
    }
    return from >= 0 ? append_identifier(s, from, count) : 0;
}
