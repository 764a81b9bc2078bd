// Regular expressions over a whole text, by ICU, with bounds on time and stack, since the expression is a user's.
#include <stdlib.h>
#include <string.h>
#include <unicode/uregex.h>
#include <unicode/ustring.h>
#include <unicode/utf16.h>
#include <unicode/utf8.h>

#include "tandem_icu.h"

/// ICU's unit of matching work: "on the order of milliseconds".
#define TIME_LIMIT 200
#define STACK_BYTES (8 << 20)

struct tandem_pattern {
    URegularExpression *expression;
    UChar *replacement;
    int32_t replacement_count;
};

/// UTF-8 as UTF-16, allocated; NULL where memory ran out or `count` is beyond bounds. By the macro that finds the way back, so that both
/// divide what is ill-formed into the same number of U+FFFD.
static UChar *utf16(const uint8_t *text, size_t count, int32_t *length) {
    if (count > TANDEM_SEGMENT_BYTES_MAX) return NULL;
    // SAFETY: no byte gives more than one unit.
    UChar *units = malloc((count + 1) * sizeof(UChar));
    if (!units) return NULL;
    int32_t n = 0;
    for (size_t i = 0; i < count;) {
        UChar32 c;
        U8_NEXT_OR_FFFD(text, i, count, c);
        U16_APPEND_UNSAFE(units, n, c);
    }
    *length = n;
    return units;
}

tandem_pattern *tandem_pattern_open(
    const char *pattern, size_t pattern_count, const char *replacement, size_t replacement_count, int32_t *problem_at) {
    *problem_at = -1;
    tandem_pattern *p = calloc(1, sizeof(*p));
    if (!p) return NULL;
    int32_t length = 0;
    UChar *units = utf16((const uint8_t *)pattern, pattern_count, &length);
    p->replacement = utf16((const uint8_t *)replacement, replacement_count, &p->replacement_count);
    UErrorCode status = U_ZERO_ERROR;
    UParseError problem = {0};
    if (units && p->replacement && length > 0) p->expression = uregex_open(units, length, 0, &problem, &status);
    free(units);
    if (!p->expression || U_FAILURE(status)) {
        *problem_at = problem.offset;
        tandem_pattern_close(p);
        return NULL;
    }
    uregex_setTimeLimit(p->expression, TIME_LIMIT, &status);
    uregex_setStackLimit(p->expression, STACK_BYTES, &status);
    return p;
}

void tandem_pattern_close(tandem_pattern *p) {
    if (!p) return;
    if (p->expression) uregex_close(p->expression);
    free(p->replacement);
    free(p);
}

int64_t tandem_pattern_matches(
    tandem_pattern *p, const uint8_t *text, size_t count, tandem_match *matches, size_t capacity, uint8_t *replaced, size_t replaced_capacity,
    int *is_full) {
    *is_full = 0;
    int32_t length = 0;
    UChar *units = utf16(text, count, &length);
    if (!units) return -1;
    UErrorCode status = U_ZERO_ERROR;
    URegularExpression *e = p->expression;
    uregex_setText(e, units, length, &status);
    size_t found = 0, written = 0;
    int32_t unit = 0;
    size_t byte = 0;
    UChar *buffer = malloc((size_t)(TANDEM_REPLACEMENT_UNITS_MAX + 1) * sizeof(UChar));
    int64_t result = buffer ? 0 : -1;
    while (result == 0 && U_SUCCESS(status) && found < capacity && uregex_findNext(e, &status)) {
        int32_t from = uregex_start(e, 0, &status), to = uregex_end(e, 0, &status);
        if (U_FAILURE(status)) break;
        tandem_match match = {0};
        // Offsets in UTF-8: matches ascend, so each character is passed once.
        for (int pass = 0; pass < 2; pass++) {
            int32_t goal = pass ? to : from;
            while (unit < goal && byte < count) {
                UChar32 c;
                U8_NEXT_OR_FFFD(text, byte, count, c);
                unit += U16_LENGTH(c);
            }
            *(pass ? &match.end : &match.start) = (uint32_t)byte;
        }
        // The replacement, with what its groups matched.
        int32_t n = 0;
        for (int32_t i = 0; i < p->replacement_count && n < TANDEM_REPLACEMENT_UNITS_MAX;) {
            UChar c = p->replacement[i++];
            if (c == '$' && i < p->replacement_count && p->replacement[i] >= '0' && p->replacement[i] <= '9') {
                UErrorCode group_status = U_ZERO_ERROR;
                int32_t size = uregex_group(e, p->replacement[i++] - '0', buffer + n, TANDEM_REPLACEMENT_UNITS_MAX - n, &group_status);
                if (group_status == U_BUFFER_OVERFLOW_ERROR) size = TANDEM_REPLACEMENT_UNITS_MAX - n;
                else if (U_FAILURE(group_status)) size = 0;
                n += size;
            } else {
                if (c == '\\' && i < p->replacement_count) c = p->replacement[i++];
                buffer[n++] = c;
            }
        }
        int32_t bytes = 0;
        UErrorCode write_status = U_ZERO_ERROR;
        size_t room = replaced_capacity - written;
        u_strToUTF8WithSub((char *)replaced + written, room > INT32_MAX ? INT32_MAX : (int32_t)room, &bytes, buffer, n, 0xFFFD, NULL, &write_status);
        if (write_status == U_BUFFER_OVERFLOW_ERROR) {
            *is_full = 1;
            break;
        }
        if (U_FAILURE(write_status) && write_status != U_STRING_NOT_TERMINATED_WARNING) break;
        match.replaced_start = (uint32_t)written;
        written += (size_t)bytes;
        match.replaced_end = (uint32_t)written;
        matches[found++] = match;
    }
    if (result == 0) result = U_FAILURE(status) ? -1 : (int64_t)found;
    uregex_setText(e, u"", 0, &(UErrorCode){U_ZERO_ERROR});
    free(buffer);
    free(units);
    return result;
}
