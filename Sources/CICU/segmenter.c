// Fold first, then break: texts that fold alike get the same words, whether typed in full-width letters, decomposed, or with a
// soft hyphen. The fold therefore carries a map from every UTF-16 unit of its output to the source bytes that it came from.
#include "tandem_icu.h"

#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "characters.h"
#include "segmenter.h"

/// Code points folded together at most. Longer runs of combining marks (never language) are cut, because ICU sorts marks by
/// insertion, which is quadratic. Unicode's Stream-Safe Text Format draws the line at 30.
#define RUN_MAX 64

tandem_segmenter *tandem_segmenter_open(void) {
    tandem_segmenter *s = calloc(1, sizeof(*s));
    if (!s) return NULL;
    UErrorCode status = U_ZERO_ERROR;
    s->table = character_table_shared();
    // The root locale: rules of UAX #29, dictionaries chosen by script.
    s->breaks = ubrk_open(UBRK_WORD, "", NULL, 0, &status);
    if (!s->table || U_FAILURE(status)) {
        tandem_segmenter_close(s);
        return NULL;
    }
    // ICU opens a dictionary when the first character of its script comes. The mark ー is of no script: at the beginning of a run it has the dictionary of
    // Chinese and Japanese only where that is open already, so that a text's words would depend on what the process has seen before. Two characters, because
    // one needs no dictionary.
    ubrk_setText(s->breaks, u"\u6F22\u5B57", 2, &status);
    while (ubrk_next(s->breaks) != UBRK_DONE) {}
    return s;
}

void tandem_segmenter_close(tandem_segmenter *s) {
    if (!s) return;
    if (s->breaks) ubrk_close(s->breaks);
    free(s->units);
    free(s->starts);
    free(s->ends);
    free(s->folded);
    free(s->segments);
    free(s->costs);
    free(s->before);
    free(s);
}

size_t tandem_segmenter_memory(const tandem_segmenter *s) {
    return s->unit_capacity * (sizeof(UChar) + 2 * sizeof(uint32_t)) + s->folded_capacity
        + s->segment_capacity * sizeof(tandem_segment) + s->run_capacity * (sizeof(uint32_t) + sizeof(int32_t));
}

void tandem_icu_unicode_version(char text[32]) {
    UVersionInfo version;
    u_getUnicodeVersion(version);
    u_versionToString(version, text);
}

/// Makes room for `capacity` elements of `size` bytes; 0 or -1. On failure the old block stays valid.
static int grow(void **block, size_t capacity, size_t size) {
    void *larger = realloc(*block, capacity * size);
    if (!larger) return -1;
    *block = larger;
    return 0;
}

static size_t larger_capacity(size_t capacity, size_t wanted) {
    size_t doubled = capacity * 2;
    return doubled > wanted ? doubled : wanted;
}

int segmenter_reserve_units(tandem_segmenter *s, size_t extra) {
    size_t wanted = s->unit_count + extra;
    if (wanted <= s->unit_capacity) return 0;
    size_t capacity = larger_capacity(s->unit_capacity, wanted);
    if (grow((void **)&s->units, capacity, sizeof(UChar))
        || grow((void **)&s->starts, capacity, sizeof(uint32_t))
        || grow((void **)&s->ends, capacity, sizeof(uint32_t))) {
        return -1;
    }
    s->unit_capacity = capacity;
    return 0;
}

int segmenter_reserve_run(tandem_segmenter *s) {
    size_t wanted = s->unit_count + 1;
    if (wanted <= s->run_capacity) return 0;
    size_t capacity = larger_capacity(s->run_capacity, wanted);
    if (grow((void **)&s->costs, capacity, sizeof(uint32_t)) || grow((void **)&s->before, capacity, sizeof(int32_t))) return -1;
    s->run_capacity = capacity;
    return 0;
}

int segmenter_reserve_folded(tandem_segmenter *s, size_t extra) {
    size_t wanted = s->folded_count + extra + TANDEM_FOLDED_PADDING;
    if (wanted <= s->folded_capacity) return 0;
    size_t capacity = larger_capacity(s->folded_capacity, wanted);
    if (grow((void **)&s->folded, capacity, 1)) return -1;
    s->folded_capacity = capacity;
    return 0;
}

tandem_segment *segmenter_append(tandem_segmenter *s) {
    if (s->segment_count == s->segment_capacity) {
        size_t capacity = larger_capacity(s->segment_capacity, 64);
        if (grow((void **)&s->segments, capacity, sizeof(tandem_segment))) return NULL;
        s->segment_capacity = capacity;
    }
    return &s->segments[s->segment_count++];
}

uint8_t segmenter_is_verbatim(const tandem_segmenter *s, const tandem_segment *segment) {
    size_t count = segment->folded_end - segment->folded_start;
    return segment->source_end - segment->source_start == count
        && memcmp(s->folded + segment->folded_start, s->source + (segment->source_start - s->source_base), count) == 0;
}

/// The code point at `*index`, which moves past it; U+FFFD for what is ill-formed.
static inline UChar32 next_code_point(const uint8_t *text, size_t *index, size_t count) {
    UChar32 c;
    size_t i = *index;
    U8_NEXT_OR_FFFD(text, i, count, c);
    *index = i;
    return c;
}

/// 0 or -1.
static inline int append_unit(tandem_segmenter *s, UChar unit, size_t start, size_t end) {
    if (s->unit_count == s->unit_capacity && segmenter_reserve_units(s, 1)) return -1;
    UChar am = s->unit_count ? character_join_am(s->units[s->unit_count - 1], unit) : 0;
    if (am) {
        s->units[s->unit_count - 1] = am;
        s->ends[s->unit_count - 1] = (uint32_t)end;
        return 0;
    }
    s->units[s->unit_count] = unit;
    s->starts[s->unit_count] = (uint32_t)start;
    s->ends[s->unit_count++] = (uint32_t)end;
    return 0;
}

/// Decodes the text into `units` as it is; 0 or -1.
static int decode(tandem_segmenter *s, const uint8_t *text, size_t count) {
    s->unit_count = 0;
    if (segmenter_reserve_units(s, count)) return -1;
    for (size_t index = 0; index < count;) {
        size_t start = index;
        UChar32 c = next_code_point(text, &index, count);
        int length = c > 0xFFFF ? 2 : 1;
        if (segmenter_reserve_units(s, 2)) return -1;
        for (int half = 0; half < length; half++) {
            s->units[s->unit_count] = length == 1 ? (UChar)c : half ? U16_TRAIL(c) : U16_LEAD(c);
            s->starts[s->unit_count] = (uint32_t)start;
            s->ends[s->unit_count++] = (uint32_t)index;
        }
    }
    return 0;
}

/// Brings the text into `units` by a normaliser that keeps case; 0 or -1. In runs, as below.
static int normalize(tandem_segmenter *s, const UNormalizer2 *normalizer, const uint8_t *text, size_t count) {
    s->unit_count = 0;
    if (segmenter_reserve_units(s, count)) return -1;
    size_t index = 0, next_start = 0;
    UChar32 next = count ? next_code_point(text, &index, count) : -1;
    while (next >= 0) {
        UChar run[2 * RUN_MAX];
        int32_t run_count = 0;
        size_t start = next_start;
        int points = 0;
        do {
            U16_APPEND_UNSAFE(run, run_count, next);
            next_start = index;
            next = index < count ? next_code_point(text, &index, count) : -1;
        } while (++points < RUN_MAX && next >= 0 && !unorm2_hasBoundaryBefore(normalizer, next));
        UChar target[RUN_MAX * 18 + 32];
        UErrorCode status = U_ZERO_ERROR;
        int32_t target_count = unorm2_normalize(normalizer, run, run_count, target, (int32_t)(sizeof(target) / sizeof(UChar)), &status);
        if (U_FAILURE(status)) return -1;
        for (int32_t i = 0; i < target_count; i++) {
            if (append_unit(s, target[i], start, next_start)) return -1;
        }
    }
    return 0;
}

/// Folds the text into `units`; 0 or -1. Cut into runs at code points that NFKC_Casefold never combines with what stands
/// before: folding is local to such a run.
static int fold(tandem_segmenter *s, const uint8_t *text, size_t count) {
    const character_table *table = s->table;
    s->unit_count = 0;
    if (segmenter_reserve_units(s, count)) return -1;
    size_t index = 0;
    size_t next_start = 0;
    UChar32 next = count ? next_code_point(text, &index, count) : -1;
    while (next >= 0) {
        UChar32 c = next;
        size_t start = next_start;
        next_start = index;
        next = index < count ? next_code_point(text, &index, count) : -1;
        int alone = next < 0 || (character_classes(table, next) & CHARACTER_BOUNDARY);

        if (alone && c < 0x10000 && table->folded[c]) {
            if (append_unit(s, table->folded[c], start, next_start)) return -1;
            continue;
        }
        if (alone && character_is_kept(c)) {  // Beyond the basic plane: a tag.
            if (segmenter_reserve_units(s, 2)) return -1;
            for (int half = 0; half < 2; half++) {
                s->units[s->unit_count] = half ? U16_TRAIL(c) : U16_LEAD(c);
                s->starts[s->unit_count] = (uint32_t)start;
                s->ends[s->unit_count++] = (uint32_t)next_start;
            }
            continue;
        }
        UChar run[2 * RUN_MAX];
        int32_t run_count = 0;
        U16_APPEND_UNSAFE(run, run_count, c);
        for (int points = 1; points < RUN_MAX && next >= 0; points++) {
            if (character_classes(table, next) & CHARACTER_BOUNDARY) break;
            U16_APPEND_UNSAFE(run, run_count, next);
            next_start = index;
            next = index < count ? next_code_point(text, &index, count) : -1;
        }
        // No code point folds to more than 18 units (U+FDFA does).
        UChar target[RUN_MAX * 18 + 32];
        UErrorCode status = U_ZERO_ERROR;
        int32_t target_count = unorm2_normalize(
            table->normalizer, run, run_count, target, (int32_t)(sizeof(target) / sizeof(UChar)), &status);
        if (U_FAILURE(status)) return -1;
        for (int32_t i = 0; i < target_count; i++) {
            if (append_unit(s, character_unify(target[i]), start, next_start)) return -1;
        }
    }
    return 0;
}

/// Writes units [from, to) as UTF-8, without joiners: they have done their work once the borders are known.
int segmenter_write(tandem_segmenter *s, int32_t from, int32_t to) {
    // SAFETY: a UTF-16 unit becomes at most three bytes of UTF-8.
    if (segmenter_reserve_folded(s, 3 * (size_t)(to - from))) return -1;
    uint8_t *out = s->folded;
    size_t n = s->folded_count;
    for (int32_t i = from; i < to;) {
        UChar32 c;
        U16_NEXT(s->units, i, to, c);
        if (s->lowers) c = u_foldCase(c, U_FOLD_CASE_DEFAULT);
        if (c < 0x80) {
            out[n++] = (uint8_t)c;
        } else if (c == CHARACTER_AT || c == CHARACTER_COLON) {
            out[n++] = c == CHARACTER_AT ? '@' : ':';
        } else if (c != 0x200D && !U_IS_SURROGATE(c)) {
            U8_APPEND_UNSAFE(out, n, c);
        }
    }
    s->folded_count = n;
    return 0;
}

/// Appends the piece [from, to) if it is a word or a symbol; sets `*separated` if it is neither. 0 or -1.
static int classify_piece(tandem_segmenter *s, int32_t from, int32_t to, uint8_t *separated) {
    uint8_t classes = 0;
    int32_t points = 0, first = to;
    int underscores = 1, mixed = 0, last = -1;
    uint8_t compound = 0;
    for (int32_t i = from; i < to;) {
        int32_t at = i;
        UChar32 c;
        U16_NEXT(s->units, i, to, c);
        uint8_t of = character_classes(s->table, c);
        // A word may stand after a space in its piece, where a joiner ties an emoji to it: it starts at its first word character.
        if (first == to && ((of & (CHARACTER_WORD | CHARACTER_EMOJI)) || c == '_')) first = at;
        classes |= of;
        underscores &= c == '_';
        compound |= first != to && !(of & (CHARACTER_WORD | CHARACTER_MARK | CHARACTER_EMOJI)) && !character_is_kept(c);
        if (of & CHARACTER_WORD) {
            int hangul = (of & CHARACTER_HANGUL) != 0;
            mixed |= last >= 0 && hangul != last;
            last = hangul;
        }
        points++;
    }
    uint8_t kind;
    if (mixed || (points > 1 && (classes & CHARACTER_IDEOGRAPH))) compound = 1;
    if (classes & (CHARACTER_WORD | CHARACTER_EMOJI)) {
        kind = classes & (CHARACTER_STANDALONE | CHARACTER_EMOJI) ? TANDEM_SEGMENT_STANDALONE : TANDEM_SEGMENT_WORD;
        if (first > from) *separated = 1;
        from = first;
    } else if ((classes & CHARACTER_SYMBOL) && (points == 1 || underscores)) {
        kind = TANDEM_SEGMENT_SYMBOL;
    } else {
        *separated = 1;
        return 0;
    }
    size_t folded_start = s->folded_count;
    if (segmenter_write(s, from, to)) return -1;
    tandem_segment *segment = segmenter_append(s);
    if (!segment) return -1;
    *segment = (tandem_segment){
        .folded_start = (uint32_t)folded_start,
        .folded_end = (uint32_t)s->folded_count,
        .source_start = s->source_base + s->starts[from],
        .source_end = s->source_base + s->ends[to - 1],
        .kind = kind,
        .separated = *separated,
        .compound = compound,
    };
    if (classes & (CHARACTER_STANDALONE | CHARACTER_HANGUL)) segment->verbatim = segmenter_is_verbatim(s, segment);
    *separated = 0;
    return 0;
}

static void begin(tandem_segmenter *s, const uint8_t *text) {
    s->source = text;
    s->source_base = 0;
    s->folded_count = 0;
    s->segment_count = 0;
}

/// The text in `units`; 0 or -1.
static int prepare(tandem_segmenter *s, tandem_segmenter_options options, const uint8_t *text, size_t count) {
    if (count > TANDEM_SEGMENT_BYTES_MAX) return -1;
    UErrorCode status = U_ZERO_ERROR;
    int failed;
    switch (options.normalizer) {
        case TANDEM_NORMALIZE_NFKC_CASEFOLD: failed = fold(s, text, count); break;
        case TANDEM_NORMALIZE_NFKC: failed = normalize(s, unorm2_getNFKCInstance(&status), text, count); break;
        case TANDEM_NORMALIZE_NFC: failed = normalize(s, unorm2_getNFCInstance(&status), text, count); break;
        case TANDEM_NORMALIZE_NONE: failed = decode(s, text, count); break;
        default: return -1;
    }
    if (failed || U_FAILURE(status) || segmenter_reserve_folded(s, 0) || s->unit_count > INT32_MAX) return -1;
    return 0;
}

static int finish(tandem_segmenter *s, tandem_segmentation *result) {
    memset(s->folded + s->folded_count, 0, TANDEM_FOLDED_PADDING);
    *result = (tandem_segmentation){s->folded, s->folded_count, s->segments, s->segment_count};
    return 0;
}

/// Words by UAX #29; 0 or -1.
static int break_words(tandem_segmenter *s) {
    UErrorCode status = U_ZERO_ERROR;
    ubrk_setText(s->breaks, s->units, (int32_t)s->unit_count, &status);
    if (U_FAILURE(status)) return -1;
    uint8_t separated = 1;
    int32_t from = 0;
    for (int32_t to = ubrk_next(s->breaks); to != UBRK_DONE; to = ubrk_next(s->breaks)) {
        if (classify_piece(s, from, to, &separated)) return -1;
        from = to;
    }
    return 0;
}

static inline int is_ascii_space(uint8_t byte) { return byte == 0x20 || (byte >= 0x09 && byte <= 0x0D); }

/// The top bit of each byte that is ASCII white space. (Lamport, "Multiple byte processing with full-word instructions", 1975.)
static inline uint64_t ascii_spaces(uint64_t bytes) {
    const uint64_t ones = 0x0101010101010101, tops = 0x8080808080808080;
    uint64_t low = bytes & ~tops;
    uint64_t controls = (low + ones * (128 - 0x09)) & ~(low + ones * (128 - 0x0E));
    uint64_t blanks = ~((low ^ ones * 0x20) + ones * 0x7F);
    return (controls | blanks) & ~bytes & tops;
}

/// End of the chunk at `start`: white space, then what is none.
static size_t chunk_end(const uint8_t *text, size_t start, size_t count) {
    while (start < count && is_ascii_space(text[start])) start++;
    while (start + 8 <= count) {
        uint64_t bytes;
        memcpy(&bytes, text + start, 8);
        uint64_t spaces = ascii_spaces(bytes);
        // Little-endian, as every machine of this project.
        if (spaces) return start + (size_t)(__builtin_ctzll(spaces) >> 3);
        start += 8;
    }
    while (start < count && !is_ascii_space(text[start])) start++;
    return start;
}

/// Words of a text under NFKC_Casefold: each chunk between white space the short way where that will do, else by ICU, several at once where they
/// stand side by side. That the cuts change no word: AnalysisWorkspace.nextRegion. 0 or -1.
static int break_chunks(tandem_segmenter *s, tandem_segmenter_options options, const uint8_t *text, size_t count) {
    for (size_t start = 0; start < count;) {
        size_t end = chunk_end(text, start, count);
        int done = segmenter_is_plain(s, text + start, end - start) ? segmenter_break_plain(s, text + start, end - start, (uint32_t)start) : 0;
        if (done < 0) return -1;
        if (!done) {
            while (end < count) {
                size_t next = chunk_end(text, end, count);
                if (segmenter_is_plain(s, text + end, next - end)) break;
                end = next;
            }
            s->source = text + start;
            s->source_base = (uint32_t)start;
            if (prepare(s, options, text + start, end - start) || (s->unit_count && break_words(s))) return -1;
        }
        start = end;
    }
    return 0;
}

int tandem_segmenter_segment(
    tandem_segmenter *s, tandem_segmenter_options options, const uint8_t *text, size_t count, tandem_segmentation *result) {
    // Identifiers end where case changes, so their case is folded as they are written.
    if (options.tokenizer == TANDEM_TOKENIZE_CODE && options.normalizer == TANDEM_NORMALIZE_NFKC_CASEFOLD) {
        options.normalizer = TANDEM_NORMALIZE_NFKC;
        s->lowers = 1;
    } else {
        s->lowers = 0;
    }
    *result = (tandem_segmentation){0};
    begin(s, text);
    if (options.tokenizer == TANDEM_TOKENIZE_WORDS && options.normalizer == TANDEM_NORMALIZE_NFKC_CASEFOLD && !options.rules_only) {
        if (count > TANDEM_SEGMENT_BYTES_MAX || segmenter_reserve_folded(s, 0) || break_chunks(s, options, text, count)) return -1;
        return finish(s, result);
    }
    if (prepare(s, options, text, count)) return -1;
    if (s->unit_count) {
        int failed;
        switch (options.tokenizer) {
            case TANDEM_TOKENIZE_WORDS: failed = break_words(s); break;
            case TANDEM_TOKENIZE_KEYWORD: failed = segmenter_keep_whole(s); break;
            case TANDEM_TOKENIZE_WHITESPACE: failed = segmenter_break_at_spaces(s); break;
            case TANDEM_TOKENIZE_CODE: failed = segmenter_break_identifiers(s); break;
            case TANDEM_TOKENIZE_NGRAM: failed = segmenter_break_grams(s, options.gram_min, options.gram_max); break;
            default: failed = -1;
        }
        if (failed) return -1;
    }
    return finish(s, result);
}

int tandem_segmenter_normalize(
    tandem_segmenter *s, tandem_segmenter_options options, const uint8_t *text, size_t count, tandem_segmentation *result) {
    s->lowers = 0;
    *result = (tandem_segmentation){0};
    begin(s, text);
    if (prepare(s, options, text, count)) return -1;
    if (segmenter_write(s, 0, (int32_t)s->unit_count)) return -1;
    return finish(s, result);
}
