// The way through a run of Han characters and kana. C, though its file is C++: ICU's tries have no other interface.
#ifndef TANDEM_DICTIONARY_H
#define TANDEM_DICTIONARY_H

#include <stdint.h>
#include <unicode/utypes.h>

/// Units that a run may have: kana, Han of the basic plane.
enum { DICTIONARY_FIRST = 0x3005, DICTIONARY_LAST = 0x9FFF };

/// 0 where ICU's data has no such dictionary, or one of another kind. Builds the table once per process (some two milliseconds).
int dictionary_is_there(void);

/// Divides `units` at the least cost. Both arrays: room for `count` + 1; `before[i]`, i > 0: where the word begins that ends before unit i on the cheapest way
/// there. Only where `dictionary_is_there`.
void dictionary_break(const UChar *units, int32_t count, uint32_t *costs, int32_t *before);

#endif
