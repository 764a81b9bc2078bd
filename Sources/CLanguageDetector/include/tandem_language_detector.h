// Which language a text is written in, by CLD2, behind plain C types. Thread-safe: CLD2's tables are constant.
#ifndef TANDEM_LANGUAGE_DETECTOR_H
#define TANDEM_LANGUAGE_DETECTOR_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Longest text of one call, in bytes.
#define TANDEM_DETECT_BYTES_MAX (1u << 30)

/// One of a text's languages.
typedef struct {
    /// ISO 639-1 code where there is one, as CLD2 writes it (`en`, `sr`, `zh-Hant`, `iw` for Hebrew); static storage; NULL: none.
    const char *code;
    /// Share of the text's letters, 0 to 100.
    uint32_t percent;
} tandem_language_share;

/// A stretch of the text, in bytes; the stretches of a text follow one another without gaps.
typedef struct {
    uint32_t start, end;
    /// As above; NULL where the stretch is too short or too mixed to say.
    const char *code;
} tandem_language_chunk;

typedef struct {
    /// The commonest languages, the commonest first.
    tandem_language_share languages[3];
    /// 1 where the first is clearly ahead of any other guess.
    uint8_t is_reliable;
    /// Stretches written.
    size_t chunk_count;
} tandem_language_detection;

/// Guesses the languages of `text`, also of a short one (a guess that is not reliable then).
///
/// Of text that is not well-formed UTF-8, or has control characters, only what stands before the first of them is looked at.
/// `chunks` (room for `capacity`; NULL with 0: none wanted) gets the stretches in one language each; those beyond the room are left out.
/// Returns 0; -1 where the text is longer than TANDEM_DETECT_BYTES_MAX, or memory ran out. Linear in `count`.
int tandem_detect_language(
    const char *text, size_t count, tandem_language_detection *result, tandem_language_chunk *chunks, size_t capacity);

#ifdef __cplusplus
}
#endif
#endif
