// Shim over CLD2: see the header. C++, since CLD2 has no other interface.
#include "tandem_language_detector.h"

#include <cstring>
#include <exception>
#include <memory>

#include <cld2/public/compact_lang_det.h>
#include <cld2/public/encodings.h>

namespace {

const char *code_of(CLD2::Language language) {
    return language == CLD2::UNKNOWN_LANGUAGE || language == CLD2::TG_UNKNOWN_LANGUAGE ? nullptr : CLD2::LanguageCode(language);
}

/// A copy of a text, followed by zeros. CLD2 looks one character ahead without asking whether the text goes on (its ScriptScanner at the end of
/// a span), and where no character begins there, it runs out of its tables: what follows a caller's text may be anything.
class Padded {
public:
    Padded(const char *text, size_t count) {
        char *target = small_;
        if (count + kPadding > sizeof(small_)) {
            large_.reset(new char[count + kPadding]);
            target = large_.get();
        }
        std::memcpy(target, text, count);
        data = target;
        end(count);
    }

    /// Ends the text at `count`, before what is ill-formed.
    void end(size_t count) { std::memset(const_cast<char *>(data) + count, 0, kPadding); }

    const char *data;

private:
    /// The longest character, twice.
    static constexpr size_t kPadding = 8;
    /// Longer than the samples that most texts are told by.
    char small_[1024];
    std::unique_ptr<char[]> large_;
};

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
        Padded padded(text, count);
        const auto detect = [&](size_t length) {
            CLD2::ExtDetectLanguageSummaryCheckUTF8(
                padded.data, static_cast<int>(length), true, &none, flags, languages, percents, scores,
                capacity ? &found : nullptr, &letters, &is_reliable, &valid);
        };
        detect(count);
        // CLD2 reads beyond the ends of malformed sequences, so it never sees them: what stands before the first one is taken.
        if (static_cast<size_t>(valid) < count) {
            if (valid <= 0) return 0;
            padded.end(static_cast<size_t>(valid));
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
