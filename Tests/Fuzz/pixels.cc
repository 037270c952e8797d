// Compressed frames: decoded; encoded and decoded again; and encoded, damaged and decoded.
//
// Input: codec and which of the three, the image's description, the damage, then the frame.
#include "harness.h"

namespace {

struct Codec {
    const char *syntax;
    enum { dcmtk, charls, openjpeg, openjph } library;
};

const Codec codecs[] = {
    {"1.2.840.10008.1.2.4.50", Codec::dcmtk}, {"1.2.840.10008.1.2.4.51", Codec::dcmtk},
    {"1.2.840.10008.1.2.4.57", Codec::dcmtk}, {"1.2.840.10008.1.2.4.70", Codec::dcmtk},
    {"1.2.840.10008.1.2.5", Codec::dcmtk}, {"1.2.840.10008.1.2.4.80", Codec::charls},
    {"1.2.840.10008.1.2.4.201", Codec::openjph}, {"1.2.840.10008.1.2.4.90", Codec::openjpeg}};
const char *const photometrics[] = {"MONOCHROME2", "RGB", "YBR_FULL", "YBR_FULL_422", "PALETTE COLOR", "MONOCHROME1", "YBR_RCT", ""};

cdcmtk_status encode(const Codec &codec, cdcmtk_pixel_format &format, const std::vector<uint8_t> &frame, cdcmtk_bytes *result) {
    switch (codec.library) {
        case Codec::dcmtk: return cdcmtk_pixels_encode(codec.syntax, &format, frame.data(), frame.size(), result);
        case Codec::openjpeg: return cdcmtk_jpeg2000_encode(&format, frame.data(), frame.size(), result);
        default: return cdcmtk_lossless_encode(codec.syntax, &format, frame.data(), frame.size(), result);
    }
}

// What OpenJPH wrote, OpenJPEG reads.
cdcmtk_status decode(const Codec &codec, cdcmtk_pixel_format &format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    switch (codec.library) {
        case Codec::dcmtk: return cdcmtk_pixels_decode(codec.syntax, &format, bytes, count, result);
        case Codec::charls: return cdcmtk_jpegls_decode(&format, bytes, count, result);
        default: return cdcmtk_jpeg2000_decode(&format, bytes, count, result);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const uint8_t kind = input.byte();
    const Codec &codec = codecs[kind % 8];
    const bool is_encoding = kind & 8;
    cdcmtk_pixel_format format;
    std::memset(&format, 0, sizeof format);
    format.rows = input.word();
    format.columns = input.word();
    format.samples = input.byte();
    format.allocated = input.byte();
    format.stored = input.byte();
    format.high_bit = input.byte();
    const uint8_t flags = input.byte();
    format.representation = flags & 1;
    format.planar = flags >> 1 & 1;
    std::strcpy(format.photometric, photometrics[flags >> 2 & 7]);
    std::vector<uint8_t> damage = input.take(kind & 8 && kind & 16 ? 12 : 0);
    std::vector<uint8_t> content = input.rest();
    const size_t length = size_t(format.rows) * format.columns * format.samples * (format.allocated / 8);
    // What the machine's memory bounds in a worker.
    if (length > 1 << 20) return 0;
    note(kind % 8, is_encoding, cdcmtk_pixels_can_decode(codec.syntax));
    Result result;
    if (is_encoding) {
        content.resize(length);
        const cdcmtk_pixel_format before = format;
        if (!note(encode(codec, format, content, &result.bytes))) return 0;
        require(result.bytes.count % 2 == 0);
        result.touched();
        note(format.samples, format.allocated, format.stored);
        for (size_t i = 0; i + 2 < damage.size(); i += 3) {
            result.bytes.data[(damage[i] << 8 | damage[i + 1]) % result.bytes.count] ^= damage[i + 2];
        }
        Result again;
        format = before;
        note(decode(codec, format, result.bytes.data, result.bytes.count, &again.bytes));
        again.touched();
        return 0;
    }
    if (!note(decode(codec, format, content.data(), content.size(), &result.bytes))) return 0;
    require(result.bytes.count == length);
    result.touched();
    note(format.samples, format.allocated, 0x100u + static_cast<uint32_t>(kind));
    return 0;
}
