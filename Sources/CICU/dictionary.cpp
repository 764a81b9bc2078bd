// Words of a run of Han characters and kana, by ICU's dictionary and by the cheapest path through it, as ICU finds them: a word costs what the dictionary says
// (-log of its frequency), a character that is no word 255, a run of katakana by its length. What is saved is what stands around that in ICU, and half of the
// look-ups: the dictionary's root has thousands of branches, so the state behind each first character is kept in a table.
#include <pthread.h>
#include <stdlib.h>
#include <unicode/ucharstrie.h>
#include <unicode/udata.h>

extern "C" {
#include "dictionary.h"
}

namespace {

// ICU's own numbers: a departure from any changes words.
constexpr uint32_t kUnknownCost = 255;
constexpr int32_t kWordUnitsMax = 20;
constexpr int32_t kKatakanaGroupMax = 20;
constexpr uint32_t kKatakanaCost[] = {8192, 984, 408, 240, 204, 252, 300, 372, 480};
constexpr int32_t kKatakanaCosts = sizeof(kKatakanaCost) / sizeof(kKatakanaCost[0]);

constexpr uint64_t kNoWord = UINT64_MAX;

/// In front of a dictionary's trie: 32-bit numbers.
enum { kTrieOffset = 0, kTrieType = 4, kTransform = 5, kTypeMask = 7, kTypeUChars = 1 };

struct Dictionary {
    /// Stays open, since `trie` is in it.
    UDataMemory *data;
    const UChar *trie;
    /// State of the trie behind one character, from DICTIONARY_FIRST on.
    uint64_t first[DICTIONARY_LAST - DICTIONARY_FIRST + 1];
};

const Dictionary *shared;
pthread_once_t once = PTHREAD_ONCE_INIT;

UBool is_dictionary(void *, const char *, const char *, const UDataInfo *info) {
    return info->size >= 20 && info->isBigEndian == U_IS_BIG_ENDIAN && info->charsetFamily == U_CHARSET_FAMILY && info->dataFormat[0] == 'D'
        && info->dataFormat[1] == 'i' && info->dataFormat[2] == 'c' && info->dataFormat[3] == 't' && info->formatVersion[0] == 1;
}

void build() {
    UErrorCode status = U_ZERO_ERROR;
    UDataMemory *data = udata_openChoice(U_ICUDATA_NAME "-brkitr", "dict", "cjdict", is_dictionary, nullptr, &status);
    if (U_FAILURE(status)) return;
    const auto *head = static_cast<const int32_t *>(udata_getMemory(data));
    auto *dictionary = static_cast<Dictionary *>(malloc(sizeof(Dictionary)));
    if (!dictionary || (head[kTrieType] & kTypeMask) != kTypeUChars || head[kTransform] != 0) {
        free(dictionary);
        udata_close(data);
        return;
    }
    dictionary->data = data;
    dictionary->trie = reinterpret_cast<const UChar *>(reinterpret_cast<const char *>(head) + head[kTrieOffset]);
    icu::UCharsTrie trie(dictionary->trie);
    for (int32_t c = DICTIONARY_FIRST; c <= DICTIONARY_LAST; c++) {
        dictionary->first[c - DICTIONARY_FIRST] = trie.first(c) == USTRINGTRIE_NO_MATCH ? kNoWord : trie.getState64();
    }
    shared = dictionary;
}

inline bool is_katakana(UChar c) { return c >= 0x30A1 && c <= 0x30FE && c != 0x30FB; }

inline void reach(uint32_t *costs, int32_t *before, int32_t from, int32_t to, uint32_t cost) {
    if (costs[from] + cost < costs[to]) {
        costs[to] = costs[from] + cost;
        before[to] = from;
    }
}

}  // namespace

int dictionary_is_there(void) {
    pthread_once(&once, build);
    return shared != nullptr;
}

void dictionary_break(const UChar *units, int32_t count, uint32_t *costs, int32_t *before) {
    const Dictionary *dictionary = shared;
    icu::UCharsTrie trie(dictionary->trie);
    costs[0] = 0;
    for (int32_t i = 1; i <= count; i++) costs[i] = UINT32_MAX;
    bool was_katakana = false;
    for (int32_t i = 0; i < count; i++) {
        bool has_single = false;
        uint64_t state = dictionary->first[units[i] - DICTIONARY_FIRST];
        if (state != kNoWord) {
            UStringTrieResult result = trie.resetToState64(state).current();
            for (int32_t length = 1;; length++) {
                if (USTRINGTRIE_HAS_VALUE(result)) {
                    has_single |= length == 1;
                    reach(costs, before, i, i + length, static_cast<uint32_t>(trie.getValue()));
                }
                if (!USTRINGTRIE_HAS_NEXT(result) || length == kWordUnitsMax || i + length == count) break;
                result = trie.next(units[i + length]);
                if (result == USTRINGTRIE_NO_MATCH) break;
            }
        }
        if (!has_single) reach(costs, before, i, i + 1, kUnknownCost);
        const bool katakana = is_katakana(units[i]);
        if (katakana && !was_katakana) {
            int32_t end = i + 1;
            while (end < count && end - i < kKatakanaGroupMax && is_katakana(units[end])) end++;
            if (end - i < kKatakanaGroupMax) reach(costs, before, i, end, end - i < kKatakanaCosts ? kKatakanaCost[end - i] : kKatakanaCost[0]);
        }
        was_katakana = katakana;
    }
}
