// The letter that stands for a letter with accents, vowel signs or another script variant: a table for the basic plane.
#ifndef TANDEM_VARIANTS_H
#define TANDEM_VARIANTS_H

#include <stdint.h>

enum {
    /// The code point vanishes (vowel signs, points, tatweel).
    VARIANT_DELETED = 0xFFFF,
    /// Two letters: ask variant_pair.
    VARIANT_PAIR = 0xFFFE,
};

/// By code point: 0: itself; else the one that stands for it, or one of the above. NULL where ICU's data is missing.
/// Built once per process (some 30 ms, most of it Chinese characters).
const uint16_t *variant_table_shared(void);

/// The two ASCII letters for æ, œ, þ, ĳ, ...; NULL for others.
const char *variant_pair(uint32_t c);

/// The two ASCII letters that stand for a letter where its accents cannot be typed: ä ae, ö oe, ü ue, ø oe, å aa, æ ae; NULL for others.
const char *variant_spelling(uint32_t c);

#endif
