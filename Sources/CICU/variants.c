// Script variants: which letters a reader types for which. Applied to what NFKC_Casefold gave, so case, width and compatibility are settled.
#include "variants.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>
#include <unicode/utrans.h>

#include "tandem_icu.h"

static uint16_t *shared;
static pthread_once_t once = PTHREAD_ONCE_INIT;

const char *variant_pair(uint32_t c) {
    switch (c) {
        case 0xE6: return "ae";
        case 0x153: return "oe";
        case 0xFE: return "th";
        case 0xDF: return "ss";
        case 0x133: return "ij";
        default: return NULL;
    }
}

const char *variant_spelling(uint32_t c) {
    switch (c) {
        case 0xE4: case 0xE6: return "ae";
        case 0xF6: case 0xF8: case 0x153: return "oe";
        case 0xFC: return "ue";
        case 0xE5: return "aa";
        default: return NULL;
    }
}

/// Letters that do not decompose, and those whose place in the alphabet is not that of what they decompose to.
static uint16_t exception(UChar32 c) {
    switch (c) {
        // Latin letters with a stroke.
        case 0xF8: return 'o';
        case 0x111: case 0xF0: case 0x256: return 'd';
        case 0x127: return 'h';
        case 0x131: return 'i';
        case 0x142: return 'l';
        case 0x167: return 't';
        case 0x180: return 'b';
        case 0x14B: return 'n';
        // Arabic: alef, ya and kaf in their variants, ta marbuta, hamza on its carriers; tatweel.
        case 0x622: case 0x623: case 0x625: case 0x671: return 0x627;
        case 0x649: case 0x6CC: case 0x6D2: case 0x626: return 0x64A;
        case 0x629: case 0x6C1: case 0x6D5: case 0x6BE: return 0x647;
        case 0x624: return 0x648;
        case 0x6A9: return 0x643;
        case 0x640: return VARIANT_DELETED;
        // Cyrillic: only ё is typed as its base.
        case 0x451: return 0x435;
        // Hebrew: geresh and gershayim are typed as quotes, or left out.
        case 0x5F3: case 0x5F4: return VARIANT_DELETED;
        // Devanagari: the dot below, and the signs of a nasal.
        case 0x93C: return VARIANT_DELETED;
        case 0x901: return 0x902;
        default: return 0;
    }
}

/// The base letter of Latin and Greek letters, the ASCII digit of a script's own; vowel signs and points of Arabic and Hebrew, and free accents, vanish.
static uint16_t base_letter(const UNormalizer2 *nfd, UChar32 c) {
    uint16_t of = exception(c);
    if (of) return of;
    if (u_charType(c) == U_DECIMAL_DIGIT_NUMBER) return (uint16_t)('0' + u_charDigitValue(c));
    if (variant_pair((uint32_t)c)) return VARIANT_PAIR;
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript(c, &status);
    if (U_FAILURE(status)) return 0;
    if (U_MASK(u_charType(c)) & U_GC_MN_MASK) {
        int is_accent = c >= 0x300 && c <= 0x36F;
        return is_accent || script == USCRIPT_HEBREW || (c >= 0x64B && c <= 0x65F) || c == 0x670 || (c >= 0x6D6 && c <= 0x6ED) ? VARIANT_DELETED : 0;
    }
    if (script == USCRIPT_LATIN || script == USCRIPT_GREEK) {
        UChar parts[32];
        int32_t count = unorm2_getDecomposition(nfd, c, parts, 32, &status);
        // One letter, then marks only.
        if (U_FAILURE(status) || count < 2) return 0;
        for (int32_t i = 1; i < count; i++) {
            if (!(U_MASK(u_charType(parts[i])) & U_GC_M_MASK)) return 0;
        }
        uint16_t base = parts[0];
        uint16_t again = exception(base);
        return again ? again : base;
    }
    // Katakana as hiragana.
    if ((c >= 0x30A1 && c <= 0x30F6) || c == 0x30FD || c == 0x30FE) return (uint16_t)(c - 0x60);
    return 0;
}

/// Traditional Chinese characters as simplified ones, by ICU's transform: one character at a time, since which words a character is part of is not known.
static int simplify(uint16_t *table) {
    static const struct { UChar32 first, last; } blocks[] = {{0x3400, 0x4DBF}, {0x4E00, 0x9FFF}};
    UErrorCode status = U_ZERO_ERROR;
    static const UChar id[] = u"Traditional-Simplified";
    UTransliterator *transform = utrans_openU(id, -1, UTRANS_FORWARD, NULL, 0, NULL, &status);
    if (U_FAILURE(status)) return -1;
    int32_t capacity = 3 * 0x7000, count = 0;
    UChar *text = malloc((size_t)capacity * sizeof(UChar));
    if (!text) {
        utrans_close(transform);
        return -1;
    }
    for (size_t block = 0; block < 2; block++) {
        for (UChar32 c = blocks[block].first; c <= blocks[block].last; c++) {
            text[count++] = (UChar)c;
            text[count++] = '\n';
        }
    }
    int32_t limit = count;
    utrans_transUChars(transform, text, &count, capacity, 0, &limit, &status);
    utrans_close(transform);
    if (U_SUCCESS(status)) {
        int32_t at = 0;
        for (size_t block = 0; block < 2; block++) {
            for (UChar32 c = blocks[block].first; c <= blocks[block].last && at < count; c++) {
                int32_t end = at;
                while (end < count && text[end] != '\n') end++;
                if (end - at == 1 && text[at] != c) table[c] = text[at];
                at = end + 1;
            }
        }
    }
    free(text);
    return U_SUCCESS(status) ? 0 : -1;
}

static void build(void) {
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfd = unorm2_getNFDInstance(&status);
    if (U_FAILURE(status)) return;
    uint16_t *table = calloc(0x10000, sizeof(uint16_t));
    if (!table) return;
    for (UChar32 c = 0x80; c < 0xFFFE; c++) {
        if (U_IS_SURROGATE(c)) continue;
        table[c] = base_letter(nfd, c);
    }
    if (simplify(table)) {
        free(table);
        return;
    }
    shared = table;
}

const uint16_t *variant_table_shared(void) {
    pthread_once(&once, build);
    return shared;
}

/// The sign of a nasal (anusvara) that is written for a nasal consonant without a vowel before another consonant of its class: हिन्दी as हिंदी. Of the scripts that have both
/// spellings and the layout of ISCII in their blocks: Devanagari, Bengali, Gujarati, Odia, Telugu, Kannada.
/// `next`: what follows `c`, `count` bytes. Returns 0 where it is no such consonant.
static UChar32 nasal_sign(UChar32 c, const uint8_t *next, size_t count) {
    if (c < 0x900 || c > 0xCFF || count < 6) return 0;
    UChar32 block = c & ~0x7F;
    if (block == 0xA00 || block == 0xB80) return 0;
    UChar32 virama, after;
    size_t at = 0;
    U8_NEXT(next, at, count, virama);
    U8_NEXT(next, at, count, after);
    if (virama != block + 0x4D) return 0;
    // The first of a class of five; the last of them is the nasal.
    UChar32 class;
    switch (c - block) {
        case 0x19: class = 0x15; break;
        case 0x1E: class = 0x1A; break;
        case 0x23: class = 0x1F; break;
        case 0x28: class = 0x24; break;
        case 0x2E: class = 0x2A; break;
        default: return 0;
    }
    return after >= block + class && after < block + class + 4 ? block + 0x02 : 0;
}

/// Of the other planes: digits, and colours of skin, which follow the emoji that they colour.
static uint16_t beyond_table(UChar32 c) {
    if (c >= 0x1F3FB && c <= 0x1F3FF) return VARIANT_DELETED;
    return u_charType(c) == U_DECIMAL_DIGIT_NUMBER ? (uint16_t)('0' + u_charDigitValue(c)) : 0;
}

/// Bytes of the characters at the beginning that stand for themselves, which in most words all do.
static size_t unchanged(const uint16_t *table, const uint8_t *word, size_t count, int spelled) {
    for (size_t i = 0; i < count;) {
        uint8_t lead = word[i];
        if (lead < 0x80) {
            i++;
            continue;
        }
        size_t start = i;
        UChar32 c;
        if (lead >= 0xC2 && lead < 0xE0 && i + 1 < count && (word[i + 1] & 0xC0) == 0x80) {
            c = (lead & 0x1F) << 6 | (word[i + 1] & 0x3F);
            i += 2;
        } else {
            U8_NEXT_OR_FFFD(word, i, count, c);
        }
        if ((c < 0x10000 ? table[c] : beyond_table(c)) || nasal_sign(c, word + i, count - i) || (spelled && variant_spelling((uint32_t)c))) return start;
    }
    return count;
}

size_t tandem_fold_variants(const uint8_t *word, size_t count, uint8_t *out, int spelled) {
    const uint16_t *table = variant_table_shared();
    size_t i = table ? unchanged(table, word, count, spelled) : count;
    if (i == count) return 0;
    memmove(out, word, i);
    size_t n = i;
    while (i < count) {
        if (word[i] < 0x80) {
            out[n++] = word[i++];
            continue;
        }
        size_t start = i;
        UChar32 c;
        U8_NEXT_OR_FFFD(word, i, count, c);
        uint16_t of = c < 0x10000 ? table[c] : beyond_table(c);
        UChar32 nasal = nasal_sign(c, word + i, count - i);
        if (nasal) {
            // The virama goes with the consonant.
            i += 3;
            U8_APPEND_UNSAFE(out, n, nasal);
            continue;
        }
        const char *pair = spelled ? variant_spelling((uint32_t)c) : NULL;
        if (!pair && of == VARIANT_PAIR) pair = variant_pair((uint32_t)c);
        if (pair) {
            out[n++] = (uint8_t)pair[0];
            out[n++] = (uint8_t)pair[1];
        } else if (of == 0) {
            // A byte at a time, since both overlap where a word is folded in place.
            while (start < i) out[n++] = word[start++];
        } else if (of != VARIANT_DELETED) {
            U8_APPEND_UNSAFE(out, n, of);
        }
    }
    return n;
}

int tandem_has_spelling(const uint8_t *word, size_t count) {
    for (size_t i = 0; i + 1 < count; i++) {
        // Letters that have one are of two bytes.
        if ((word[i] == 0xC3 || word[i] == 0xC5) && variant_spelling((uint32_t)(word[i] & 0x1F) << 6 | (word[i + 1] & 0x3F))) return 1;
    }
    return 0;
}
