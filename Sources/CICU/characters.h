// What the segmenter needs to know of a code point: a table for the basic plane, ICU's functions beyond it.
#ifndef TANDEM_CHARACTERS_H
#define TANDEM_CHARACTERS_H

#include <stdint.h>
#include <unicode/unorm2.h>
#include <unicode/utypes.h>

enum {
    /// Letter or number (categories L and N): makes a segment a word.
    CHARACTER_WORD = 1,
    /// Of a script written without spaces: a word of these is standalone.
    CHARACTER_STANDALONE = 2,
    /// Emoji, regional indicator: makes a segment a standalone word.
    CHARACTER_EMOJI = 4,
    /// Symbol that may join words to a longer form: ASCII punctuation and symbols, currency, mathematics, a few more.
    CHARACTER_SYMBOL = 8,
    /// NFKC_Casefold never combines it with what stands before.
    CHARACTER_BOUNDARY = 16,
    /// Combining mark (category M).
    CHARACTER_MARK = 32,
    /// Han character.
    CHARACTER_IDEOGRAPH = 64,
    /// Hangul: written together with Latin letters and digits where a particle follows them.
    CHARACTER_HANGUL = 128,
};

/// UAX #29's classes, of units that its rules break alone: without dictionaries, emoji, joiners.
enum {
    /// Needs ICU.
    PLAIN_NOT = 0,
    /// Stands alone, whatever is beside it.
    PLAIN_OTHER,
    PLAIN_LETTER,
    PLAIN_HEBREW,
    PLAIN_DIGIT,
    /// `_`, and what else sticks to letters and digits.
    PLAIN_CONNECTOR,
    /// Belongs to what stands before it.
    PLAIN_EXTEND,
    /// Between two letters; between two digits; both.
    PLAIN_MID_LETTER,
    PLAIN_MID_NUMBER,
    PLAIN_MID_BOTH,
    /// As MID_BOTH; behind a Hebrew letter by itself.
    PLAIN_SINGLE_QUOTE,
    /// Between Hebrew letters.
    PLAIN_DOUBLE_QUOTE,
    /// Han or kana, in a run for the dictionary.
    PLAIN_DICTIONARY,
};

typedef struct {
    /// Folded form of a code point that folds to exactly one UTF-16 unit; 0: ask ICU.
    uint16_t folded[0x10000];
    uint8_t classes[0x10000];
    /// What a folded unit is to the rules of words: PLAIN_*.
    uint8_t plain[0x10000];
    const UNormalizer2 *normalizer;
} character_table;

/// Built once per process (some six milliseconds); NULL where ICU's data is missing.
const character_table *character_table_shared(void);

/// CHARACTER_* of a code point beyond the basic plane.
uint8_t character_classes_beyond(const character_table *table, UChar32 c);

static inline uint8_t character_classes(const character_table *table, UChar32 c) {
    return c < 0x10000 ? table->classes[c] : character_classes_beyond(table, c);
}

/// Stand-ins for `@` and `:` while words are broken. ICU's root rules depart from UAX #29 here, and by release (ICU 72 takes `@`
/// for a letter and `:` for none). Noncharacters are "Other" to the rules: a border on both sides.
enum { CHARACTER_AT = 0xFDD0, CHARACTER_COLON = 0xFDD1, CHARACTER_NONE = 0xFDD2 };

/// Applied to every unit that folding gives. Two folds beyond NFKC: typographic apostrophe and hyphen are typing habits, not
/// spellings; both replacements have the same word-break behaviour between letters and digits.
static inline UChar character_unify(UChar unit) {
    switch (unit) {
        case 0x2019: return '\'';
        case 0x2010: return '-';
        case '@': return CHARACTER_AT;
        case ':': return CHARACTER_COLON;
        // The same noncharacters in a text must not turn into what they stand for.
        case CHARACTER_AT: case CHARACTER_COLON: return CHARACTER_NONE;
        default: return unit;
    }
}

/// The prolonged sound mark of kana, which belongs to no script.
enum { CHARACTER_PROLONGED = 0x30FC };

/// Thai and Lao sara am: NFKC divides it into two characters that ICU's dictionaries do not know, so that a third of Thai texts would be broken elsewhere.
/// It stays one, and two that were typed for it become one.
enum { CHARACTER_THAI_AM = 0x0E33, CHARACTER_LAO_AM = 0x0EB3 };

/// The one character for a vowel sign that follows `last`; 0 where they are two.
static inline UChar character_join_am(UChar last, UChar unit) {
    if (unit == 0x0E32 && last == 0x0E4D) return CHARACTER_THAI_AM;
    if (unit == 0x0EB2 && last == 0x0ECD) return CHARACTER_LAO_AM;
    return 0;
}

/// Default-ignorables that NFKC_Casefold would delete although they decide where words end: zero-width space, the joiner
/// inside emoji, the tags of flags.
static inline int character_is_kept(UChar32 c) {
    return c == 0x200B || c == 0x200D || (c >= 0xE0020 && c <= 0xE007F);
}

#endif
