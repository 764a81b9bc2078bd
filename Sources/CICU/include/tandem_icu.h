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
};

/// One piece of the text. All offsets are in bytes. `folded_*` select its folded UTF-8 in `folded`, `source_*` the bytes of the
/// original text that it came from (where one character folds to several words, as `½` does, each of them selects it whole).
typedef struct {
    uint32_t folded_start, folded_end;
    uint32_t source_start, source_end;
    uint8_t kind;
    /// 1 where white space, a separator, or the start of the text stands between this piece and the one before.
    uint8_t separated;
    /// 1 for a word with something else than letters, digits and marks inside, as `node.js`, `don't`,
    /// `snake_case`, and for one of several characters with a Han character among them.
    uint8_t compound;
    uint8_t reserved;
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

/// Folds (NFKC_Casefold) and breaks `text`. `result` lives until the next call or close. Ill-formed UTF-8 counts as U+FFFD.
/// Returns 0, or -1 where memory ran out or `count` exceeds TANDEM_SEGMENT_BYTES_MAX. Linear in `count`.
int tandem_segmenter_segment(
    tandem_segmenter *segmenter, const uint8_t *text, size_t count, tandem_segmentation *result);

/// Bytes of the buffers held.
size_t tandem_segmenter_memory(const tandem_segmenter *segmenter);

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
