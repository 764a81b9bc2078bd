// Words of a text, by ICU, behind plain C types: nothing of ICU's headers is visible to Swift, because ICU's and Foundation's
// cannot live in one Swift file. One call takes a whole text; a call per word would cost more than the segmentation.
#ifndef TANDEM_ICU_H
#define TANDEM_ICU_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Longest text of one call, in bytes: keeps every offset and every expansion of NFKC (at most elevenfold) inside 32 bits.
#define TANDEM_SEGMENT_BYTES_MAX (64u << 20)

/// Bytes after the end of `folded` that may be read (they are zero), so that a caller may load words in whole vectors.
#define TANDEM_FOLDED_PADDING 32u

enum {
    /// Letters or digits between two word boundaries of UAX #29; may be joined with its neighbours into a longer form.
    TANDEM_SEGMENT_WORD = 1,
    /// A word that needs no space around it (Han, Kana, Thai, Khmer, ...; emoji): never joined with its neighbours.
    TANDEM_SEGMENT_STANDALONE = 2,
    /// One symbol of meaning for its neighbours, as `+`, `#`, `/`, `€`; no word by itself.
    TANDEM_SEGMENT_SYMBOL = 3,
    /// A piece of the word before it (identifiers only).
    TANDEM_SEGMENT_PART = 4,
};

/// How a text's characters are made alike.
enum {
    /// NFKC, case, default-ignorables: what nearly every search wants.
    TANDEM_NORMALIZE_NFKC_CASEFOLD = 0,
    /// Case stays.
    TANDEM_NORMALIZE_NFKC = 1,
    /// Case, width and compatibility characters stay.
    TANDEM_NORMALIZE_NFC = 2,
    /// Nothing changes.
    TANDEM_NORMALIZE_NONE = 3,
};

/// Where a text's words end.
enum {
    /// UAX #29, ICU's dictionaries for Thai, Lao, Khmer, Burmese, Chinese, Japanese.
    TANDEM_TOKENIZE_WORDS = 0,
    /// The whole text is one word; white space at its ends is none of it.
    TANDEM_TOKENIZE_KEYWORD = 1,
    /// At white space.
    TANDEM_TOKENIZE_WHITESPACE = 2,
    /// Identifiers, paths, versions of programs: words of letters, digits and `_ . - / : @ # $ + ~ \`, each followed by its pieces (segments of kind
    /// PART), which also end where `camelCase` or a number does.
    TANDEM_TOKENIZE_CODE = 3,
    /// All runs of `gram_min` to `gram_max` code points without white space.
    TANDEM_TOKENIZE_NGRAM = 4,
};

typedef struct {
    uint8_t normalizer, tokenizer;
    /// Of n-grams: 1 to 16, the smaller one first.
    uint8_t gram_min, gram_max;
    /// 1: words are broken by ICU's rules alone, also where a simpler way gives the same: the oracle of tests.
    uint8_t rules_only;
} tandem_segmenter_options;

/// One piece of the text. All offsets are in bytes. `folded_*` select its folded UTF-8 in `folded`, `source_*` the bytes of the
/// original text that it came from (where one character folds to several words, as `½` does, each of them selects it whole).
typedef struct {
    uint32_t folded_start, folded_end;
    uint32_t source_start, source_end;
    uint8_t kind;
    /// 1 where white space, a separator, or the start of the text stands between this piece and the one before.
    uint8_t separated;
    /// 1 for a word with something else than letters, digits and marks inside, as `node.js`, `don't`,
    /// `snake_case`, for one of several characters with a Han character among them, and for one of Hangul and others (`CPU를`).
    uint8_t compound;
    /// 1 for a word of a script that bigrams are made of whose folded bytes are those of the source, so that each character is found again there.
    uint8_t verbatim;
} tandem_segment;

typedef struct tandem_segmenter tandem_segmenter;

typedef struct {
    const uint8_t *folded;
    size_t folded_count;
    const tandem_segment *segments;
    size_t segment_count;
} tandem_segmentation;

/// NULL where memory or ICU's data is missing. Costs up to a millisecond: keep it. Not thread-safe; one per thread.
tandem_segmenter *tandem_segmenter_open(void);
/// NULL is fine.
void tandem_segmenter_close(tandem_segmenter *segmenter);

/// Folds and breaks `text`. `result` lives until the next call or close. Ill-formed UTF-8 counts as U+FFFD.
/// Returns 0, or -1 where memory ran out, an option is out of range, or `count` exceeds TANDEM_SEGMENT_BYTES_MAX. Linear in `count`.
int tandem_segmenter_segment(
    tandem_segmenter *segmenter, tandem_segmenter_options options, const uint8_t *text, size_t count, tandem_segmentation *result);

/// The text after `options.normalizer`, before it is broken: for whoever wants to see the steps. As above; `result` has no segments.
int tandem_segmenter_normalize(
    tandem_segmenter *segmenter, tandem_segmenter_options options, const uint8_t *text, size_t count, tandem_segmentation *result);

/// Bytes of the buffers held.
size_t tandem_segmenter_memory(const tandem_segmenter *segmenter);

/// Writes a folded word without accents, vowel signs and script variants (é as e, أ as ا, 漢 as 汉, ア as あ, ३ as 3, हिन्दी as हिंदी; an emoji
/// without its colour of skin): what a reader may have typed for it.
///
/// `out`: room for `count` bytes; no letter gets longer. `spelled`: 1: ä, ö, ü, ø, å as ae, oe, ue, oe, aa.
/// Returns the bytes written, or 0 where the word is its own variant. Ill-formed UTF-8 is kept. Thread-safe; the first call takes some 30 ms.
size_t tandem_fold_variants(const uint8_t *word, size_t count, uint8_t *out, int spelled);

/// Whether `spelled` makes a difference.
int tandem_has_spelling(const uint8_t *word, size_t count);

/// UTF-16 units that one match is replaced by, at most; longer replacements are cut.
#define TANDEM_REPLACEMENT_UNITS_MAX 4096

typedef struct tandem_pattern tandem_pattern;

/// What one match covers in the text, and its replacement among all replacements; in bytes.
typedef struct {
    uint32_t start, end;
    uint32_t replaced_start, replaced_end;
} tandem_match;

/// A regular expression (ICU's syntax) and what replaces its matches (`$0` to `$9`: what a group matched; `\\` takes the next character as it is). NULL
/// where the expression is wrong (`*problem_at`: the character, or -1) or memory ran out. Not thread-safe; one per thread.
tandem_pattern *tandem_pattern_open(
    const char *pattern, size_t pattern_count, const char *replacement, size_t replacement_count, int32_t *problem_at);
/// NULL is fine.
void tandem_pattern_close(tandem_pattern *pattern);

/// Finds the matches in `text`, ascending, until one of the rooms is full, and writes their replacements one after the other. Returns how many; -1 where
/// the expression takes more than some seconds or 8 MiB of stack, or memory ran out.
int64_t tandem_pattern_matches(
    tandem_pattern *pattern, const uint8_t *text, size_t count, tandem_match *matches, size_t capacity, uint8_t *replaced, size_t replaced_capacity, int *is_full);

typedef struct tandem_sentences tandem_sentences;

/// A breaker of sentences (UAX #29, root locale). NULL where memory or ICU's data is missing. Costs as the above: keep it. Not
/// thread-safe; one per thread.
tandem_sentences *tandem_sentences_open(void);
/// NULL is fine.
void tandem_sentences_close(tandem_sentences *sentences);

/// Writes where the sentences of `text` begin, in bytes, ascending, without the first one's 0: at most `capacity` of them.
/// White space behind a sentence belongs to it. Ill-formed UTF-8 counts as U+FFFD. Returns how many were written, or -1 where
/// memory ran out or `count` exceeds TANDEM_SEGMENT_BYTES_MAX. Linear in `count`.
int64_t tandem_sentences_find(
    tandem_sentences *sentences, const uint8_t *text, size_t count, uint32_t *starts, size_t capacity);

/// Version of the Unicode standard of the loaded library, as "15.0"; static storage of the library's own format.
void tandem_icu_unicode_version(char text[32]);

/// Asks for the cache line at `address`, which need not be readable.
static inline void tandem_prefetch(const void *address) { __builtin_prefetch(address); }

#ifdef __cplusplus
}
#endif
#endif
