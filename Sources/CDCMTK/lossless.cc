// HTJ2K by OpenJPH and JPEG-LS by CharLS, each frame proven by decoding it again. OpenJPH decodes nothing but what it wrote
// itself a moment ago: 0.9 writes beyond its memory where a code stream is broken.
#include "status.h"

#include <charls/charls.h>
#include <openjph/ojph_arch.h>
#include <openjph/ojph_codestream.h>
#include <openjph/ojph_file.h>
#include <openjph/ojph_mem.h>
#include <openjph/ojph_message.h>
#include <openjph/ojph_params.h>

#include <cstring>
#include <memory>
#include <stdexcept>

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

using Bytes = std::vector<uint8_t>;

enum class Codec { none, htj2k, jpegls };

Codec codec(const char *transfer_syntax) {
    if (std::strcmp(transfer_syntax, "1.2.840.10008.1.2.4.201") == 0) return Codec::htj2k;
    if (std::strcmp(transfer_syntax, "1.2.840.10008.1.2.4.80") == 0) return Codec::jpegls;
    return Codec::none;
}

// What a frame is, in the codecs' terms.
struct Frame {
    uint32_t rows, columns, samples, bits;
    bool is_signed, is_wide;

    size_t stride() const { return static_cast<size_t>(columns) * samples * (is_wide ? 2 : 1); }
    size_t length() const { return rows * stride(); }
};

bool describe(const cdcmtk_pixel_format &format, Frame &frame) {
    frame = {format.rows, format.columns, format.samples, format.stored, format.representation == 1, format.allocated == 16};
    // JPEG-LS takes no fewer than two bits a sample (ISO/IEC 14495-1).
    return (format.samples == 1 || format.samples == 3) && (format.allocated == 8 || format.allocated == 16) &&
        format.rows > 0 && format.columns > 0 && format.stored >= 2 && format.stored <= format.allocated &&
        format.high_bit + 1 == format.stored;
}

// OpenJPH tells a stream and throws; nothing may be told here, since a frame is patient data.

class SilentError final : public ojph::message_error {
public:
    void operator()(int, const char *, int, const char *, ...) override { throw std::runtime_error("HTJ2K codec"); }
};
class SilentWarning final : public ojph::message_warning {
public:
    void operator()(int, const char *, int, const char *, ...) override {}
};
class SilentInfo final : public ojph::message_info {
public:
    void operator()(int, const char *, int, const char *, ...) override {}
};

// The library keeps its streams for each thread.
void silence() {
    static SilentError error;
    static SilentWarning warning;
    static SilentInfo info;
    ojph::configure_error(&error);
    ojph::configure_warning(&warning);
    ojph::configure_info(&info);
}

template <typename Sample> void widen(const uint8_t *from, size_t count, ojph::si32 *to) {
    for (size_t i = 0; i < count; ++i) {
        Sample sample;
        std::memcpy(&sample, from + i * sizeof sample, sizeof sample);
        to[i] = sample;
    }
}

template <typename Sample> void narrow(const ojph::si32 *from, size_t count, uint8_t *to) {
    for (size_t i = 0; i < count; ++i) {
        const Sample sample = static_cast<Sample>(from[i]);
        std::memcpy(to + i * sizeof sample, &sample, sizeof sample);
    }
}

// One row.
void widen(const Frame &frame, const uint8_t *from, ojph::si32 *to) {
    const size_t count = static_cast<size_t>(frame.columns) * frame.samples;
    if (frame.is_wide) {
        frame.is_signed ? widen<int16_t>(from, count, to) : widen<uint16_t>(from, count, to);
    } else {
        frame.is_signed ? widen<int8_t>(from, count, to) : widen<uint8_t>(from, count, to);
    }
}

void narrow(const Frame &frame, const ojph::si32 *from, uint8_t *to) {
    frame.is_wide ? narrow<uint16_t>(from, frame.columns, to) : narrow<uint8_t>(from, frame.columns, to);
}

Bytes encode_htj2k(const Frame &frame, const uint8_t *bytes) {
    ojph::mem_outfile file;
    ojph::codestream stream;
    ojph::param_siz size = stream.access_siz();
    size.set_image_extent(ojph::point(frame.columns, frame.rows));
    size.set_num_components(1);
    size.set_component(0, ojph::point(1, 1), frame.bits, frame.is_signed);
    ojph::param_cod coding = stream.access_cod();
    coding.set_num_decomposition(5);
    coding.set_block_dims(64, 64);
    coding.set_reversible(true);
    coding.set_color_transform(false);
    stream.set_planar(true);
    file.open(frame.length() / 2 + 4096);
    stream.write_headers(&file);
    ojph::ui32 next = 0;
    ojph::line_buf *line = stream.exchange(nullptr, next);
    for (uint32_t row = 0; row < frame.rows; ++row) {
        widen(frame, bytes + row * frame.stride(), line->i32);
        line = stream.exchange(line, next);
    }
    stream.flush();
    const Bytes result(file.get_data(), file.get_data() + file.tell());
    stream.close();
    return result;
}

void decode_htj2k(const Frame &frame, const uint8_t *bytes, size_t count, Bytes &result) {
    ojph::mem_infile file;
    file.open(bytes, count);
    ojph::codestream stream;
    stream.read_headers(&file);
    ojph::param_siz size = stream.access_siz();
    if (size.get_num_components() != 1 || size.get_recon_width(0) != frame.columns ||
        size.get_recon_height(0) != frame.rows || size.get_bit_depth(0) != frame.bits ||
        size.is_signed(0) != frame.is_signed) {
        throw std::runtime_error("a code stream of another frame");
    }
    stream.create();
    result.resize(frame.length());
    for (uint32_t row = 0; row < frame.rows; ++row) {
        ojph::ui32 component = 0;
        const ojph::line_buf *line = stream.pull(component);
        narrow(frame, line->i32, result.data() + row * frame.stride());
    }
    stream.close();
}

// Whether every sample lies in its bits. A decoder may clip to them, though ours does not.
bool within_bits(const Frame &frame, const uint8_t *bytes) {
    if (frame.bits == (frame.is_wide ? 16u : 8u)) return true;
    const int32_t low = frame.is_signed ? -(1 << (frame.bits - 1)) : 0, high = low + (1 << frame.bits) - 1;
    std::vector<ojph::si32> row(static_cast<size_t>(frame.columns) * frame.samples);
    for (uint32_t y = 0; y < frame.rows; ++y) {
        widen(frame, bytes + y * frame.stride(), row.data());
        for (const ojph::si32 sample : row) {
            if (sample < low || sample > high) return false;
        }
    }
    return true;
}

charls::frame_info information(const Frame &frame) {
    return {frame.columns, frame.rows, static_cast<int32_t>(frame.bits), static_cast<int32_t>(frame.samples)};
}

// JPEG-LS knows no sign: the samples' bits are coded as they are, those above Bits Stored left out (PS3.5 8.2.3).
Bytes masked(const Frame &frame, const uint8_t *bytes) {
    Bytes result(bytes, bytes + frame.length());
    if (!frame.is_signed) return result;
    const uint32_t mask = (1u << frame.bits) - 1;
    for (size_t i = 0; i < result.size(); i += frame.is_wide ? 2 : 1) {
        result[i] &= mask & 0xFF;
        if (frame.is_wide) result[i + 1] &= mask >> 8;
    }
    return result;
}

void extend(const Frame &frame, Bytes &bytes) {
    if (!frame.is_signed) return;
    const uint32_t sign = 1u << (frame.bits - 1), above = ~((1u << frame.bits) - 1);
    for (size_t i = 0; i < bytes.size(); i += frame.is_wide ? 2 : 1) {
        uint32_t sample = bytes[i] | (frame.is_wide ? static_cast<uint32_t>(bytes[i + 1]) << 8 : 0);
        if (sample & sign) sample |= above;
        bytes[i] = sample & 0xFF;
        if (frame.is_wide) bytes[i + 1] = (sample >> 8) & 0xFF;
    }
}

// From one component after the other to colour by pixel.
void interleave(const Frame &frame, Bytes &bytes) {
    const size_t size = frame.is_wide ? 2 : 1, pixels = static_cast<size_t>(frame.rows) * frame.columns;
    Bytes result(bytes.size());
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        for (size_t sample = 0; sample < frame.samples; ++sample) {
            std::memcpy(&result[(pixel * frame.samples + sample) * size], &bytes[(sample * pixels + pixel) * size], size);
        }
    }
    bytes.swap(result);
}

Bytes encode_jpegls(const Frame &frame, const uint8_t *bytes) {
    charls::jpegls_encoder encoder;
    encoder.frame_info(information(frame));
    if (frame.samples > 1) encoder.interleave_mode(charls::interleave_mode::sample);
    Bytes result(encoder.estimated_destination_size());
    encoder.destination(result);
    const Bytes samples = masked(frame, bytes);
    result.resize(encoder.encode(samples));
    return result;
}

void decode_jpegls(const Frame &frame, const uint8_t *bytes, size_t count, Bytes &result) {
    charls::jpegls_decoder decoder;
    decoder.source(bytes, count);
    decoder.read_header();
    const charls::frame_info found = decoder.frame_info(), wanted = information(frame);
    if (found.width != wanted.width || found.height != wanted.height ||
        found.component_count != wanted.component_count || found.bits_per_sample != wanted.bits_per_sample) {
        throw std::runtime_error("a code stream of another frame");
    }
    result.resize(frame.length());
    decoder.decode(result);
    if (frame.samples > 1 && decoder.interleave_mode() == charls::interleave_mode::none) interleave(frame, result);
    extend(frame, result);
}

}  // namespace

extern "C" cdcmtk_status cdcmtk_lossless_encode(
    const char *transfer_syntax, const cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result) {
    return guarded([&] {
        silence();
        const Codec kind = codec(transfer_syntax);
        Frame frame;
        if (kind == Codec::none || !describe(*format, frame) || count != frame.length() ||
            (frame.samples > 1 && (kind == Codec::htj2k || format->planar))) {
            return status(CDCMTK_UNWRITABLE, "not a frame that is compressed here");
        }
        if (!within_bits(frame, bytes)) return status(CDCMTK_UNWRITABLE, "samples beyond their bits");
        Bytes coded = kind == Codec::htj2k ? encode_htj2k(frame, bytes) : encode_jpegls(frame, bytes);
        Bytes again;
        if (kind == Codec::htj2k) {
            decode_htj2k(frame, coded.data(), coded.size(), again);
        } else {
            decode_jpegls(frame, coded.data(), coded.size(), again);
        }
        if (again.size() != count || std::memcmp(again.data(), bytes, count) != 0) {
            return status(CDCMTK_UNWRITABLE, "the frame would not come back as it was");
        }
        if (coded.size() % 2 == 1) coded.push_back(0);
        if (!cdcmtk::copy(coded, result)) throw std::bad_alloc();
        return ok();
    });
}

extern "C" cdcmtk_status cdcmtk_jpegls_decode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    return guarded([&] {
        Frame frame;
        // CharLS takes no null for nothing.
        if (!describe(*format, frame) || count == 0) {
            return status(CDCMTK_UNREADABLE, "a layout of samples that JPEG-LS has not");
        }
        Bytes samples;
        try {
            decode_jpegls(frame, bytes, count, samples);
        } catch (const std::bad_alloc &) {
            throw;
        } catch (const std::exception &) {
            return status(CDCMTK_UNREADABLE, "a JPEG-LS code stream that is broken, or of another image than its header");
        }
        format->planar = 0;
        if (!cdcmtk::copy(samples, result)) throw std::bad_alloc();
        return ok();
    });
}
