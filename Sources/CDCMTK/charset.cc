// Conversion between character sets (DcmSpecificCharacterSet, by the C library's iconv on Debian).
#include "status.h"

#include <iconv.h>

#include <cstddef>
#include <cstring>
#include <utility>
#include <vector>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmdata/dcspchrs.h"
#pragma GCC diagnostic pop

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

// DCMTK asks iconv for "ISO-IR-87", "ISO-IR-159" and "JIS_X0201", names that the GNU C library does not have. It has the
// encoding that they are used in, escape sequences and all (PS3.5 H.3), but for katakana of one byte.
bool is_japanese(const char *set) {
    for (const char *name : {"ISO 2022 IR 87", "ISO 2022 IR 159", "ISO 2022 IR 13", "ISO_IR 13"}) {
        const char *found = std::strstr(set, name);
        // "ISO_IR 138" is Hebrew.
        if (found != nullptr && (found[std::strlen(name)] < '0' || found[std::strlen(name)] > '9')) return true;
    }
    return false;
}

// Keeps the designation that the bytes before have left behind.
class japanese_converter {
public:
    japanese_converter() : converter_(iconv_open("UTF-8", "ISO-2022-JP-2")) {}
    ~japanese_converter() {
        if (is_open()) iconv_close(converter_);
    }
    japanese_converter(const japanese_converter &) = delete;
    japanese_converter &operator=(const japanese_converter &) = delete;

    bool is_open() const { return converter_ != reinterpret_cast<iconv_t>(-1); }

    bool append(std::vector<char> input, std::vector<uint8_t> &output) {
        // At most three bytes of UTF-8 come from one byte.
        std::vector<char> converted(input.size() * 3 + 4);
        char *from = input.data();
        char *to = converted.data();
        size_t left = input.size();
        size_t room = converted.size();
        if (iconv(converter_, &from, &left, &to, &room) != 0 || left != 0) return false;
        output.insert(output.end(), converted.begin(), converted.end() - static_cast<std::ptrdiff_t>(room));
        return true;
    }

private:
    iconv_t converter_;
};

// The half-width form of a katakana of JIS X 0201 (U+FF61 to U+FF9F).
void append_katakana(uint8_t byte, std::vector<uint8_t> &output) {
    const unsigned point = 0xFF61u + (byte - 0xA1u);
    output.push_back(static_cast<uint8_t>(0xE0 | (point >> 12)));
    output.push_back(static_cast<uint8_t>(0x80 | ((point >> 6) & 0x3F)));
    output.push_back(static_cast<uint8_t>(0x80 | (point & 0x3F)));
}

cdcmtk_status from_japanese(const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    japanese_converter converter;
    if (!converter.is_open()) return status(CDCMTK_UNREADABLE, "no conversion from ISO-2022-JP-2");
    std::vector<uint8_t> output;
    std::vector<char> pending;
    size_t index = 0;
    while (index < count) {
        const uint8_t byte = bytes[index];
        if (byte >= 0xA1 && byte <= 0xDF) {
            if (!converter.append(std::move(pending), output)) break;
            pending.clear();
            append_katakana(byte, output);
            index += 1;
        } else if (byte == 0x1B && index + 2 < count && bytes[index + 1] == ')' && bytes[index + 2] == 'I') {
            // Katakana to the half with the high bit, where we look for them anyway.
            index += 3;
        } else if (byte == 0x1B && index + 2 < count && bytes[index + 1] == '(' && bytes[index + 2] == 'J') {
            // The Latin half of JIS X 0201, whose backslash is drawn as a yen sign and still parts values.
            pending.insert(pending.end(), {0x1B, '(', 'B'});
            index += 3;
        } else {
            pending.push_back(static_cast<char>(byte));
            index += 1;
        }
    }
    if (index < count || !converter.append(std::move(pending), output)) {
        return status(CDCMTK_UNREADABLE, "not in the declared character sets");
    }
    if (!cdcmtk::copy(output, result)) throw std::bad_alloc();
    return ok();
}

}  // namespace

extern "C" bool cdcmtk_charset_is_available(void) {
    return guarded(false, [] { return static_cast<bool>(DcmSpecificCharacterSet::isConversionAvailable()); });
}

extern "C" cdcmtk_status cdcmtk_charset_convert(
    const char *from, const char *to, const char *delimiters, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result) {
    return guarded([&] {
        cdcmtk_prepare();
        if (is_japanese(from)) return from_japanese(bytes, count, result);
        DcmSpecificCharacterSet converter;
        OFCondition condition = converter.selectCharacterSet(OFString(from), OFString(to));
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        OFString converted;
        condition = converter.convertString(
            reinterpret_cast<const char *>(bytes), count, converted, OFString(delimiters));
        if (condition.bad()) return status(CDCMTK_UNREADABLE, condition);
        const uint8_t *start = reinterpret_cast<const uint8_t *>(converted.data());
        if (!cdcmtk::copy(std::vector<uint8_t>(start, start + converted.size()), result)) throw std::bad_alloc();
        return ok();
    });
}
