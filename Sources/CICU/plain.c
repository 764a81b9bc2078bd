// Words the short way, without ICU's breaker: fold, break and write in one pass over UTF-8. What is left of UAX #29's rules where no character is an emoji, a
// joiner, Hangul, or of a script whose words are found by another dictionary than that of Chinese and Japanese: letters, digits and connectors stick
// together (WB5, 8, 9, 10, 13a, 13b), marks stick to them (WB4), and `.`, `'`, `,`, … between two letters or two digits (WB6, 7, 11, 12); Han and kana are a
// run for the dictionary. Whatever else turns up sends the chunk to ICU.
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "dictionary.h"
#include "segmenter.h"

/// As in segmenter.c: code points folded together at most.
#define RUN_MAX 64
/// Longer chunks go to ICU: what is written for them may be written in vain. A region of AnalysisWorkspace.
#define PLAIN_BYTES_MAX (64 << 10)
/// Units beyond those that a text's bytes give.
#define SPARE 4

/// The word, or the single unit, under work.
typedef struct {
    tandem_segmenter *s;
    uint8_t *out;
    size_t written;
    /// Where the word begins in `out`, and its bytes in the text; `word_end`: without a unit that waits for what follows it.
    size_t word_start, word_end;
    uint32_t source_start, source_end;
    /// PLAIN_* of the word's last unit but marks; PLAIN_NOT: no word is open.
    uint8_t last;
    /// PLAIN_* of a unit between, which belongs to the word only if the right one follows; its character's classes and bytes.
    uint8_t between, between_classes;
    uint32_t between_start, between_end;
    uint8_t separated;
    // Of the word, as in classify_piece.
    uint8_t classes, compound, underscores;
    uint32_t points;
    /// Memory ran out.
    int failed;
    tandem_segment nowhere;
} plain_state;

static inline void write_unit(plain_state *p, UChar c) {
    uint8_t *out = p->out;
    size_t n = p->written;
    if (c < 0x80) {
        out[n++] = (uint8_t)c;
    } else if (c < 0x800) {
        out[n++] = (uint8_t)(0xC0 | c >> 6);
        out[n++] = (uint8_t)(0x80 | (c & 0x3F));
    } else if (c == CHARACTER_AT || c == CHARACTER_COLON) {
        out[n++] = c == CHARACTER_AT ? '@' : ':';
    } else {
        out[n++] = (uint8_t)(0xE0 | c >> 12);
        out[n++] = (uint8_t)(0x80 | (c >> 6 & 0x3F));
        out[n++] = (uint8_t)(0x80 | (c & 0x3F));
    }
    p->written = n;
}

static inline tandem_segment *append(plain_state *p, size_t from, size_t to, uint32_t source_start, uint32_t source_end, uint8_t kind, uint8_t compound) {
    tandem_segment *segment = segmenter_append(p->s);
    if (!segment) {
        p->failed = 1;
        segment = &p->nowhere;
    }
    *segment = (tandem_segment){
        .folded_start = (uint32_t)from,
        .folded_end = (uint32_t)to,
        .source_start = source_start,
        .source_end = source_end,
        .kind = kind,
        .separated = p->separated,
        .compound = compound,
    };
    p->separated = 0;
    return segment;
}

/// A unit that is a piece of its own. Numbers such as ① are words without a place in the rules.
static inline void append_single(plain_state *p, size_t from, size_t to, uint32_t start, uint32_t end, uint8_t classes) {
    if (classes & (CHARACTER_WORD | CHARACTER_SYMBOL)) {
        append(p, from, to, start, end, classes & CHARACTER_WORD ? TANDEM_SEGMENT_WORD : TANDEM_SEGMENT_SYMBOL, 0);
    } else {
        p->separated = 1;
    }
}

static inline void end_word(plain_state *p) {
    if (p->last == PLAIN_NOT) return;
    if (p->classes & CHARACTER_WORD) {
        append(p, p->word_start, p->word_end, p->source_start, p->source_end, TANDEM_SEGMENT_WORD, p->compound);
    } else if ((p->classes & CHARACTER_SYMBOL) && (p->points == 1 || p->underscores)) {
        append(p, p->word_start, p->word_end, p->source_start, p->source_end, TANDEM_SEGMENT_SYMBOL, 0);
    } else {
        p->separated = 1;
    }
    if (p->between) {
        append_single(p, p->word_end, p->written, p->between_start, p->between_end, p->between_classes);
        p->between = PLAIN_NOT;
    }
    p->last = PLAIN_NOT;
}

/// Adds a unit to the open word, whatever stood between included.
static inline void extend_word(plain_state *p, UChar c, uint8_t classes, uint32_t end) {
    if (p->between) {
        p->classes |= p->between_classes;
        p->compound |= !(p->between_classes & (CHARACTER_WORD | CHARACTER_MARK));
        p->underscores = 0;
        p->points++;
        p->between = PLAIN_NOT;
    }
    write_unit(p, c);
    p->word_end = p->written;
    p->source_end = end;
    p->classes |= classes;
    p->compound |= !(classes & (CHARACTER_WORD | CHARACTER_MARK));
    p->underscores &= c == '_';
    p->points++;
}

/// Adds a unit to the run for the dictionary, which is in the segmenter's `units`. 0 where ICU is needed.
static int extend_run(plain_state *p, UChar c, uint32_t start, uint32_t end) {
    tandem_segmenter *s = p->s;
    if (s->unit_count == s->unit_capacity && segmenter_reserve_units(s, 64)) {
        p->failed = 1;
        return 0;
    }
    s->units[s->unit_count] = c;
    s->starts[s->unit_count] = start;
    s->ends[s->unit_count++] = end;
    return 1;
}

/// Divides the run into words, if there is one. 0 where ICU is needed.
static int end_run(plain_state *p) {
    tandem_segmenter *s = p->s;
    int32_t count = (int32_t)s->unit_count;
    if (count == 0) return 1;
    if (!dictionary_is_there()) return 0;
    if (segmenter_reserve_run(s)) {
        p->failed = 1;
        return 0;
    }
    dictionary_break(s->units, count, s->costs, s->before);
    // The way back, turned round in place: `costs` has done its work.
    int32_t words = 0;
    for (int32_t end = count; end > 0; end = s->before[end]) s->costs[words++] = (uint32_t)end;
    for (int32_t from = 0; words > 0;) {
        int32_t to = (int32_t)s->costs[--words];
        size_t written = p->written;
        uint8_t classes = 0;
        for (int32_t i = from; i < to; i++) {
            classes |= s->table->classes[s->units[i]];
            write_unit(p, s->units[i]);
        }
        uint8_t kind = classes & CHARACTER_STANDALONE ? TANDEM_SEGMENT_STANDALONE : TANDEM_SEGMENT_WORD;
        tandem_segment *segment = append(
            p, written, p->written, s->starts[from], s->ends[to - 1], kind, to - from > 1 && (classes & CHARACTER_IDEOGRAPH));
        segment->verbatim = segmenter_is_verbatim(s, segment);
        from = to;
    }
    s->unit_count = 0;
    return 1;
}

/// One folded unit, which came from the bytes [start, end). 0 where ICU is needed.
static inline int take(plain_state *p, UChar c, uint32_t start, uint32_t end) {
    const character_table *table = p->s->table;
    uint8_t plain = table->plain[c];
    uint8_t classes = table->classes[c];
    if (p->s->unit_count && plain != PLAIN_DICTIONARY) {
        // A connector sticks to katakana, a mark to anything.
        if (plain == PLAIN_CONNECTOR || plain == PLAIN_EXTEND || !end_run(p)) return 0;
    }
    switch (plain) {
        case PLAIN_DICTIONARY:
            if (p->last == PLAIN_CONNECTOR && !p->between) return 0;
            end_word(p);
            return extend_run(p, c, start, end);
        case PLAIN_LETTER:
        case PLAIN_HEBREW:
        case PLAIN_DIGIT:
        case PLAIN_CONNECTOR:
            if (p->between) {
                int joins = p->last == PLAIN_DIGIT
                    ? plain == PLAIN_DIGIT && p->between != PLAIN_MID_LETTER
                    : (plain == PLAIN_LETTER || plain == PLAIN_HEBREW) && p->between != PLAIN_MID_NUMBER;
                if (!joins) end_word(p);
            }
            if (p->last == PLAIN_NOT) {
                // A word that begins with neither would begin later than its piece.
                if (!(classes & CHARACTER_WORD) && c != '_') return 0;
                p->word_start = p->written;
                p->source_start = start;
                p->classes = p->compound = 0;
                p->underscores = 1;
                p->points = 0;
            }
            extend_word(p, c, classes, end);
            p->last = plain;
            return 1;
        case PLAIN_EXTEND:
            // Marks behind something else are no word's.
            if (p->last == PLAIN_NOT || p->between) return 0;
            extend_word(p, c, classes, end);
            return 1;
        case PLAIN_SINGLE_QUOTE:
        case PLAIN_DOUBLE_QUOTE:
            if (p->last == PLAIN_HEBREW) return 0;
            if (plain == PLAIN_DOUBLE_QUOTE) break;
            // A single quote: as the others.
            __attribute__((fallthrough));
        case PLAIN_MID_LETTER:
        case PLAIN_MID_NUMBER:
        case PLAIN_MID_BOTH:
            if (p->last == PLAIN_NOT || p->last == PLAIN_CONNECTOR || p->between) break;
            p->between = plain;
            p->between_classes = classes;
            p->between_start = start;
            p->between_end = end;
            write_unit(p, c);
            return 1;
        case PLAIN_OTHER: break;
        default: return 0;
    }
    end_word(p);
    size_t from = p->written;
    write_unit(p, c);
    append_single(p, from, p->written, start, end, classes);
    return 1;
}

/// The code point at `*index`, which moves past it.
static inline UChar32 next_code_point(const uint8_t *text, size_t *index, size_t count) {
    UChar32 c = text[*index];
    if (c < 0x80) {
        ++*index;
        return c;
    }
    size_t i = *index;
    U8_NEXT_OR_FFFD(text, i, count, c);
    *index = i;
    return c;
}

int segmenter_is_plain(const tandem_segmenter *s, const uint8_t *text, size_t count) {
    size_t i = 0;
    while (i < count && text[i] < 0x80) i++;
    if (i == count) return 1;
    UChar32 c = next_code_point(text, &i, count);
    if (c >= 0x10000) return 0;
    // One that does not fold to a unit of its own may still give plain ones.
    return !s->table->folded[c] || s->table->plain[s->table->folded[c]] != PLAIN_NOT;
}

/// Folds the run of code points that begins at `start` with `c`, as segmenter.c's fold, and takes its units. 1, 0, or -1.
static int take_run(plain_state *p, const uint8_t *text, size_t count, size_t *index, UChar32 *next, size_t *next_start, UChar32 c, uint32_t base) {
    const character_table *table = p->s->table;
    uint32_t start = base + (uint32_t)*next_start;
    UChar run[2 * RUN_MAX];
    int32_t run_count = 0;
    U16_APPEND_UNSAFE(run, run_count, c);
    *next_start = *index;
    *next = *index < count ? next_code_point(text, index, count) : -1;
    for (int points = 1; points < RUN_MAX && *next >= 0; points++) {
        if (character_classes(table, *next) & CHARACTER_BOUNDARY) break;
        U16_APPEND_UNSAFE(run, run_count, *next);
        *next_start = *index;
        *next = *index < count ? next_code_point(text, index, count) : -1;
    }
    UChar target[RUN_MAX * 18 + 32];
    UErrorCode status = U_ZERO_ERROR;
    int32_t target_count = unorm2_normalize(table->normalizer, run, run_count, target, (int32_t)(sizeof(target) / sizeof(UChar)), &status);
    if (U_FAILURE(status)) return -1;
    // What was reserved for the run's bytes may not do for its units: one character folds to 18.
    size_t units = p->s->unit_count + (size_t)target_count + (count - *next_start) + SPARE;
    if (segmenter_reserve_folded(p->s, p->written - p->s->folded_count + 3 * units)) return -1;
    p->out = p->s->folded;
    for (int32_t i = 0; i < target_count; i++) {
        if (!take(p, character_unify(target[i]), start, base + (uint32_t)*next_start)) return 0;
    }
    return 1;
}

/// Takes the letters that follow a word's last one, which is what most characters are: all that `take` would do of them.
static inline void more_letters(
    plain_state *p, const uint8_t *text, size_t count, size_t *index, UChar32 *next, size_t *next_start, uint32_t base) {
    const character_table *table = p->s->table;
    const size_t first = p->written;
    size_t i = *index, start = *next_start;
    UChar32 c = *next;
    uint32_t points = 0;
    while (c >= 0 && c < 0x10000) {
        UChar unit = table->folded[c];
        // 0 is no letter.
        if (table->plain[unit] != PLAIN_LETTER || !(table->classes[unit] & CHARACTER_WORD)) break;
        size_t after = i;
        UChar32 following = i < count ? next_code_point(text, &i, count) : -1;
        if (following >= 0 && !(character_classes(table, following) & CHARACTER_BOUNDARY)) {
            i = after;
            break;
        }
        write_unit(p, unit);
        points++;
        c = following;
        start = after;
    }
    *index = i;
    *next = c;
    *next_start = start;
    if (p->written == first) return;
    p->word_end = p->written;
    p->source_end = base + (uint32_t)start;
    // The word may have begun with letters that are no CHARACTER_WORD, as the geresh of Hebrew.
    p->classes |= CHARACTER_WORD;
    p->underscores = 0;
    p->points += points;
}

int segmenter_break_plain(tandem_segmenter *s, const uint8_t *text, size_t count, uint32_t base) {
    const character_table *table = s->table;
    size_t first_segment = s->segment_count;
    if (count > PLAIN_BYTES_MAX) return 0;
    // SAFETY: no byte gives more than a unit (take_run sees to its own), no unit more than three bytes.
    if (segmenter_reserve_folded(s, 3 * (count + SPARE))) return -1;
    s->unit_count = 0;
    plain_state p = {.s = s, .out = s->folded, .written = s->folded_count, .separated = 1};
    size_t index = 0, next_start = 0;
    UChar32 next = count ? next_code_point(text, &index, count) : -1;
    int done = 1;
    while (next >= 0 && done > 0) {
        UChar32 c = next;
        UChar unit = c < 0x10000 ? table->folded[c] : 0;
        if (!unit && c >= 0x10000) {
            done = 0;
            break;
        }
        size_t start = next_start, after = index;
        UChar32 following = index < count ? next_code_point(text, &index, count) : -1;
        if (unit && (following < 0 || (character_classes(table, following) & CHARACTER_BOUNDARY))) {
            done = take(&p, unit, base + (uint32_t)start, base + (uint32_t)after);
            next = following;
            next_start = after;
            if (p.last == PLAIN_LETTER && !p.between) more_letters(&p, text, count, &index, &next, &next_start, base);
        } else {
            index = after;
            done = take_run(&p, text, count, &index, &next, &next_start, c, base);
        }
    }
    if (done > 0) done = end_run(&p);
    if (done > 0) end_word(&p);
    if (done <= 0 || p.failed) {
        s->segment_count = first_segment;
        s->unit_count = 0;
        return p.failed ? -1 : done;
    }
    s->folded_count = p.written;
    return 1;
}
