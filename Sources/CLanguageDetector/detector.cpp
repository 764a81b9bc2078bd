// Shim over CLD2: see the header. The only C++ of this project, since CLD2 has no other interface.
#include "tandem_language_detector.h"

#include <cstdio>
#include <exception>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace {

const char *code_of(CLD2::Language language) {
    return language == CLD2::UNKNOWN_LANGUAGE || language == CLD2::TG_UNKNOWN_LANGUAGE ? nullptr : CLD2::LanguageCode(language);
}

}  // namespace

int tandem_detect_language(
    const char *text, size_t count, tandem_language_detection *result, tandem_language_chunk *chunks, size_t capacity) {
    *result = tandem_language_detection{};
    if (count > TANDEM_DETECT_BYTES_MAX) return -1;
    if (count == 0) return 0;
    try {
        const CLD2::CLDHints none = {nullptr, nullptr, CLD2::UNKNOWN_ENCODING, CLD2::UNKNOWN_LANGUAGE};
        CLD2::Language languages[3];
        int percents[3];
        double scores[3];
        int letters = 0, valid = 0;
        bool is_reliable = false;
        CLD2::ResultChunkVector found;
        int flags = 0;
        const auto detect = [&](size_t length) {
            CLD2::ExtDetectLanguageSummaryCheckUTF8(
                text, static_cast<int>(length), true, &none, flags, languages, percents, scores,
                capacity ? &found : nullptr, &letters, &is_reliable, &valid);
        };
        detect(count);
        // CLD2 reads beyond the ends of malformed sequences, so it never sees them: what stands before the first one is taken.
        if (static_cast<size_t>(valid) < count) {
            if (valid <= 0) return 0;
            detect(static_cast<size_t>(valid));
        }
        // A text that shows no language: its best effort is English more often than not, and calls itself reliable.
        const bool is_known = code_of(languages[0]) != nullptr;
        if (!is_known) {
            const size_t length = static_cast<size_t>(valid);
            found.clear();
            flags = CLD2::kCLDFlagBestEffort;
            detect(length);
        }
        for (int i = 0; i < 3; i++) {
            if (percents[i] <= 0) continue;
            result->languages[i].code = code_of(languages[i]);
            result->languages[i].percent = static_cast<uint32_t>(percents[i]);
        }
        result->is_reliable = is_known && is_reliable;
        for (const CLD2::ResultChunk &chunk : found) {
            if (result->chunk_count == capacity) break;
            chunks[result->chunk_count++] = tandem_language_chunk{
                static_cast<uint32_t>(chunk.offset), static_cast<uint32_t>(chunk.offset + chunk.bytes),
                code_of(static_cast<CLD2::Language>(chunk.lang1))};
        }
        return 0;
    } catch (const std::exception &) {
        return -1;
    }
}
