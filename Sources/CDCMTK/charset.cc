// Conversion between character sets (DcmSpecificCharacterSet, by the C library's iconv on Debian).
#include "status.h"

#include <iconv.h>

#include <cstring>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmdata/dcspchrs.h"
#pragma GCC diagnostic pop

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

// DCMTK asks iconv for "ISO-IR-87" and "ISO-IR-159", names that the GNU C library does not have. It has the encoding
// that they are used in, escape sequences and all (PS3.5 H.3).
bool is_japanese(const char *set) {
    return std::strstr(set, "ISO 2022 IR 87") != nullptr || std::strstr(set, "ISO 2022 IR 159") != nullptr;
}

cdcmtk_status from_japanese(const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    iconv_t converter = iconv_open("UTF-8", "ISO-2022-JP-2");
    if (converter == reinterpret_cast<iconv_t>(-1)) {
        return status(CDCMTK_UNREADABLE, "no conversion from ISO-2022-JP-2");
    }
    std::vector<char> input(bytes, bytes + count);
    // At most three bytes of UTF-8 come from one byte.
    std::vector<uint8_t> output(count * 3 + 4);
    char *from = input.data();
    char *to = reinterpret_cast<char *>(output.data());
    size_t left = input.size();
    size_t room = output.size();
    const size_t irreversible = iconv(converter, &from, &left, &to, &room);
    iconv_close(converter);
    if (irreversible != 0 || left != 0) return status(CDCMTK_UNREADABLE, "not in the declared character sets");
    output.resize(output.size() - room);
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
