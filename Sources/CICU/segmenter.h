// What the tokenizers share: the text under work, in UTF-16 with the source of each unit, and the segments found so far.
#ifndef TANDEM_SEGMENTER_H
#define TANDEM_SEGMENTER_H

#include <unicode/ubrk.h>
#include <unicode/utypes.h>

#include "characters.h"
#include "tandem_icu.h"

struct tandem_segmenter {
    const character_table *table;
    /// The text under work; `source_base` is added to its offsets.
    const uint8_t *source;
    uint32_t source_base;
    UBreakIterator *breaks;
    // The folded text: one entry per UTF-16 unit.
    UChar *units;
    uint32_t *starts, *ends;
    size_t unit_count, unit_capacity;
    uint8_t *folded;
    size_t folded_count, folded_capacity;
    tandem_segment *segments;
    size_t segment_count, segment_capacity;
    // Of a run for the dictionary: one more than units.
    uint32_t *costs;
    int32_t *before;
    size_t run_capacity;
    /// Case is folded as words are written.
    int lowers;
};

/// Makes room for `extra` bytes; 0 or -1.
int segmenter_reserve_folded(tandem_segmenter *s, size_t extra);
/// Makes room for `extra` units; 0 or -1.
int segmenter_reserve_units(tandem_segmenter *s, size_t extra);
/// Makes room for a run of all units; 0 or -1.
int segmenter_reserve_run(tandem_segmenter *s);
/// Writes units [from, to) as UTF-8; 0 or -1.
int segmenter_write(tandem_segmenter *s, int32_t from, int32_t to);
/// NULL where memory ran out.
tandem_segment *segmenter_append(tandem_segmenter *s);
/// Of a segment whose offsets are known.
uint8_t segmenter_is_verbatim(const tandem_segmenter *s, const tandem_segment *segment);

/// Appends the words of a chunk (up to `count` bytes; white space at its beginning only) that needs none of ICU's rules for emoji, nor its dictionaries but
/// that of Chinese and Japanese.
/// Returns 1; 0 where it does, then nothing is appended; -1 where memory ran out. plain.c.
int segmenter_break_plain(tandem_segmenter *s, const uint8_t *text, size_t count, uint32_t base);
/// Whether the first character beyond ASCII rules that out.
int segmenter_is_plain(const tandem_segmenter *s, const uint8_t *text, size_t count);

// MARK: Tokenizers: `units` into segments; 0 or -1.

int segmenter_keep_whole(tandem_segmenter *s);
int segmenter_break_at_spaces(tandem_segmenter *s);
int segmenter_break_identifiers(tandem_segmenter *s);
/// - `least`, `most`: code points, 1 to 16, the smaller one first; else -1.
int segmenter_break_grams(tandem_segmenter *s, int least, int most);

#endif
