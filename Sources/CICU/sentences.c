// Sentences of a text by UAX #29, read as UTF-8 in place: no copy in UTF-16, and ICU's indexes are bytes.
#include "tandem_icu.h"

#include <stdlib.h>
#include <unicode/ubrk.h>
#include <unicode/utext.h>

struct tandem_sentences {
    UBreakIterator *breaks;
};

tandem_sentences *tandem_sentences_open(void) {
    tandem_sentences *s = calloc(1, sizeof(*s));
    if (!s) return NULL;
    UErrorCode status = U_ZERO_ERROR;
    // The root locale, as for words: no list of abbreviations, which would be that of one language.
    s->breaks = ubrk_open(UBRK_SENTENCE, "", NULL, 0, &status);
    if (U_FAILURE(status)) {
        tandem_sentences_close(s);
        return NULL;
    }
    return s;
}

void tandem_sentences_close(tandem_sentences *s) {
    if (!s) return;
    if (s->breaks) ubrk_close(s->breaks);
    free(s);
}

int64_t tandem_sentences_find(
    tandem_sentences *s, const uint8_t *text, size_t count, uint32_t *starts, size_t capacity) {
    if (count > TANDEM_SEGMENT_BYTES_MAX) return -1;
    UErrorCode status = U_ZERO_ERROR;
    UText utf8 = UTEXT_INITIALIZER;
    utext_openUTF8(&utf8, (const char *)text, (int64_t)count, &status);
    ubrk_setUText(s->breaks, &utf8, &status);
    if (U_FAILURE(status)) {
        utext_close(&utf8);
        return -1;
    }
    size_t found = 0;
    ubrk_first(s->breaks);
    while (found < capacity) {
        int32_t next = ubrk_next(s->breaks);
        if (next == UBRK_DONE || (size_t)next >= count) break;
        starts[found++] = (uint32_t)next;
    }
    // The iterator keeps a clone of its own; ours may go, but the text must outlive no call.
    utext_close(&utf8);
    return (int64_t)found;
}
