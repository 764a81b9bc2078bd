#include "characters.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

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
    shared = table;
}

const character_table *character_table_shared(void) {
    pthread_once(&once, build);
    return shared;
}

uint8_t character_classes_beyond(const character_table *table, UChar32 c) {
    return classify(table->normalizer, c);
}
