#include "characters.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "dictionary.h"

static character_table *shared;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static uint8_t classify(const UNormalizer2 *normalizer, UChar32 c) {
    uint8_t classes = 0;
    uint32_t category = U_MASK(u_charType(c));
    if (category & (U_GC_L_MASK | U_GC_N_MASK)) {
        classes |= CHARACTER_WORD;
        if (u_hasBinaryProperty(c, UCHAR_IDEOGRAPHIC)) classes |= CHARACTER_IDEOGRAPH | CHARACTER_STANDALONE;
        if (u_getIntPropertyValue(c, UCHAR_SCRIPT) == USCRIPT_HANGUL) classes |= CHARACTER_HANGUL;
        int32_t word = u_getIntPropertyValue(c, UCHAR_WORD_BREAK);
        if (word == U_WB_KATAKANA
            || u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT
            || u_getIntPropertyValue(c, UCHAR_SCRIPT) == USCRIPT_HIRAGANA) {
            classes |= CHARACTER_STANDALONE;
        }
    } else if (category & U_GC_M_MASK) {
        classes |= CHARACTER_MARK;
    } else if (c < 0x80) {
        if (category & (U_GC_P_MASK | U_GC_S_MASK)) classes |= CHARACTER_SYMBOL;
    } else if (u_hasBinaryProperty(c, UCHAR_REGIONAL_INDICATOR)
               || (c >= 0x2300 && u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC))) {
        // From U+2300 on, so that (c), (r) and plain arrows stay symbols.
        classes |= CHARACTER_EMOJI;
    } else if ((category & (U_GC_SC_MASK | U_GC_SM_MASK)) || c == 0xB0 || c == 0xB7 || c == 0xA7) {
        classes |= CHARACTER_SYMBOL;
    }
    if (character_is_kept(c) || unorm2_hasBoundaryBefore(normalizer, c)) classes |= CHARACTER_BOUNDARY;
    return classes;
}

/// PLAIN_* of a folded unit of these CHARACTER_*.
static uint8_t classify_plain(UChar32 c, uint8_t classes) {
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &status);
    if (U_FAILURE(status)) return PLAIN_NOT;
    int is_dictionary = script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA || c == CHARACTER_PROLONGED;
    if (is_dictionary) return (classes & CHARACTER_WORD) && c >= DICTIONARY_FIRST && c <= DICTIONARY_LAST ? PLAIN_DICTIONARY : PLAIN_NOT;
    if (classes & (CHARACTER_STANDALONE | CHARACTER_EMOJI | CHARACTER_IDEOGRAPH | CHARACTER_HANGUL) || character_is_kept(c)) return PLAIN_NOT;
    // Marks of Thai, Khmer, ... are no letters, but dictionary characters all the same.
    if (u_getIntPropertyValue(c, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT) return PLAIN_NOT;
    if (script == USCRIPT_HANGUL) return PLAIN_NOT;
    if (c >= 0x2300 && (u_hasBinaryProperty(c, UCHAR_EXTENDED_PICTOGRAPHIC) || u_hasBinaryProperty(c, UCHAR_EMOJI))) return PLAIN_NOT;
    switch (u_getIntPropertyValue(c, UCHAR_WORD_BREAK)) {
        case U_WB_OTHER: case U_WB_CR: case U_WB_LF: case U_WB_NEWLINE: case U_WB_WSEGSPACE: return PLAIN_OTHER;
        case U_WB_ALETTER: return PLAIN_LETTER;
        case U_WB_HEBREW_LETTER: return PLAIN_HEBREW;
        case U_WB_NUMERIC: return PLAIN_DIGIT;
        case U_WB_EXTENDNUMLET: return PLAIN_CONNECTOR;
        case U_WB_EXTEND: case U_WB_FORMAT: return PLAIN_EXTEND;
        case U_WB_MIDLETTER: return PLAIN_MID_LETTER;
        case U_WB_MIDNUM: return PLAIN_MID_NUMBER;
        case U_WB_MIDNUMLET: return PLAIN_MID_BOTH;
        case U_WB_SINGLE_QUOTE: return PLAIN_SINGLE_QUOTE;
        case U_WB_DOUBLE_QUOTE: return PLAIN_DOUBLE_QUOTE;
        default: return PLAIN_NOT;
    }
}

static void build(void) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *normalizer = unorm2_getNFKCCasefoldInstance(&status);
    if (U_FAILURE(status)) return;
    character_table *table = calloc(1, sizeof(*table));
    if (!table) return;
    table->normalizer = normalizer;
    for (UChar32 c = 0; c < 0x10000; c++) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        table->classes[c] = classify(normalizer, c);
        if (character_is_kept(c)) {
            table->folded[c] = (uint16_t)c;
            continue;
        }
        UChar source = (UChar)c, target[32];
        status = U_ZERO_ERROR;
        int32_t count = unorm2_normalize(normalizer, &source, 1, target, 32, &status);
        // One unit can be no half of a surrogate pair: ICU's output is well-formed.
        if (U_SUCCESS(status) && count == 1) table->folded[c] = character_unify(target[0]);
    }
    table->folded[CHARACTER_THAI_AM] = CHARACTER_THAI_AM;
    table->folded[CHARACTER_LAO_AM] = CHARACTER_LAO_AM;
    table->classes[CHARACTER_AT] |= CHARACTER_SYMBOL;
    table->classes[CHARACTER_COLON] |= CHARACTER_SYMBOL;
    for (UChar32 c = 0; c < 0x10000; c++) {
        if (!U_IS_SURROGATE(c)) table->plain[c] = classify_plain(c, table->classes[c]);
    }
    shared = table;
}

const character_table *character_table_shared(void) {
    pthread_once(&once, build);
    return shared;
}

uint8_t character_classes_beyond(const character_table *table, UChar32 c) {
    return classify(table->normalizer, c);
}
