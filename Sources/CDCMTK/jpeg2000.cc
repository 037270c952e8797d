// Single JPEG 2000 and HTJ2K frames through OpenJPEG, from memory to memory.
#include "status.h"

#include <openjpeg-2.5/openjpeg.h>

#include <algorithm>
#include <cstring>
#include <memory>

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

using Bytes = std::vector<uint8_t>;

struct FreeImage {
    void operator()(opj_image_t *image) const { opj_image_destroy(image); }
};
struct FreeCodec {
    void operator()(opj_codec_t *codec) const { opj_destroy_codec(codec); }
};
struct FreeStream {
    void operator()(opj_stream_t *stream) const { opj_stream_destroy(stream); }
};
using Image = std::unique_ptr<opj_image_t, FreeImage>;
using Codec = std::unique_ptr<opj_codec_t, FreeCodec>;
using Stream = std::unique_ptr<opj_stream_t, FreeStream>;

constexpr OPJ_SIZE_T failed = static_cast<OPJ_SIZE_T>(-1);

// What is read: bytes of the caller.
struct Source {
    const uint8_t *bytes;
    size_t count, at;

    static OPJ_SIZE_T read(void *to, OPJ_SIZE_T most, void *self) {
        Source &source = *static_cast<Source *>(self);
        const size_t count = std::min<size_t>(most, source.count - source.at);
        if (count == 0) return failed;
        std::memcpy(to, source.bytes + source.at, count);
        source.at += count;
        return count;
    }

    static OPJ_OFF_T skip(OPJ_OFF_T count, void *self) {
        Source &source = *static_cast<Source *>(self);
        if (count < 0 || static_cast<size_t>(count) > source.count - source.at) return -1;
        source.at += static_cast<size_t>(count);
        return count;
    }

    static OPJ_BOOL seek(OPJ_OFF_T at, void *self) {
        Source &source = *static_cast<Source *>(self);
        if (at < 0 || static_cast<size_t>(at) > source.count) return OPJ_FALSE;
        source.at = static_cast<size_t>(at);
        return OPJ_TRUE;
    }
};

// What is written. No exception may pass through OpenJPEG, which is C.
struct Sink {
    Bytes bytes;
    size_t at = 0;

    static OPJ_SIZE_T write(void *from, OPJ_SIZE_T count, void *self) {
        Sink &sink = *static_cast<Sink *>(self);
        try {
            if (sink.at + count > sink.bytes.size()) sink.bytes.resize(sink.at + count);
        } catch (...) {
            return failed;
        }
        std::memcpy(sink.bytes.data() + sink.at, from, count);
        sink.at += count;
        return count;
    }

    static OPJ_OFF_T skip(OPJ_OFF_T count, void *self) {
        return count >= 0 && seek(static_cast<OPJ_OFF_T>(static_cast<Sink *>(self)->at) + count, self) ? count : -1;
    }

    static OPJ_BOOL seek(OPJ_OFF_T at, void *self) {
        Sink &sink = *static_cast<Sink *>(self);
        if (at < 0) return OPJ_FALSE;
        try {
            if (static_cast<size_t>(at) > sink.bytes.size()) sink.bytes.resize(static_cast<size_t>(at));
        } catch (...) {
            return OPJ_FALSE;
        }
        sink.at = static_cast<size_t>(at);
        return OPJ_TRUE;
    }
};

bool is_taken(const cdcmtk_pixel_format &format) {
    return (format.samples == 1 || format.samples == 3) && (format.allocated == 8 || format.allocated == 16) &&
        format.rows > 0 && format.columns > 0 && format.stored >= 1 && format.stored <= format.allocated &&
        format.high_bit + 1 == format.stored;
}

size_t frame_length(const cdcmtk_pixel_format &format) {
    return static_cast<size_t>(format.rows) * format.columns * format.samples * (format.allocated / 8);
}

// Whether the code stream's SIZ (ISO/IEC 15444-1 A.5.1) says what the image's attributes say.
bool is_of(const opj_image_t &image, const cdcmtk_pixel_format &format) {
    if (image.numcomps != format.samples) return false;
    return std::all_of(image.comps, image.comps + image.numcomps, [&](const opj_image_comp_t &component) {
        return component.w == format.columns && component.h == format.rows && component.dx == 1 && component.dy == 1 &&
            component.prec == format.stored && (component.sgnd != 0) == (format.representation == 1);
    });
}

template <typename Sample> void gather(const opj_image_t &image, Bytes &bytes) {
    const size_t pixels = static_cast<size_t>(image.comps[0].w) * image.comps[0].h;
    uint8_t *to = bytes.data();
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        for (uint32_t component = 0; component < image.numcomps; ++component, to += sizeof(Sample)) {
            const Sample sample = static_cast<Sample>(image.comps[component].data[pixel]);
            std::memcpy(to, &sample, sizeof sample);
        }
    }
}

// False where a sample lies beyond its bits, which OpenJPEG takes on trust.
template <typename Sample> bool scatter(const uint8_t *from, const opj_image_t &image) {
    const size_t pixels = static_cast<size_t>(image.comps[0].w) * image.comps[0].h;
    const int32_t low = image.comps[0].sgnd ? -(1 << (image.comps[0].prec - 1)) : 0;
    const int32_t high = low + (1 << image.comps[0].prec) - 1;
    for (size_t pixel = 0; pixel < pixels; ++pixel) {
        for (uint32_t component = 0; component < image.numcomps; ++component, from += sizeof(Sample)) {
            Sample sample;
            std::memcpy(&sample, from, sizeof sample);
            if (sample < low || sample > high) return false;
            image.comps[component].data[pixel] = sample;
        }
    }
    return true;
}

// False where OpenJPEG refuses the code stream, or it is of another image.
bool decode(const cdcmtk_pixel_format &format, const uint8_t *bytes, size_t count, Bytes &result) {
    Source source = {bytes, count, 0};
    const Stream stream(opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_TRUE));
    const Codec codec(opj_create_decompress(OPJ_CODEC_J2K));
    if (!stream || !codec) throw std::bad_alloc();
    opj_stream_set_read_function(stream.get(), Source::read);
    opj_stream_set_skip_function(stream.get(), Source::skip);
    opj_stream_set_seek_function(stream.get(), Source::seek);
    opj_stream_set_user_data(stream.get(), &source, nullptr);
    opj_stream_set_user_data_length(stream.get(), count);
    opj_dparameters_t parameters;
    opj_set_default_decoder_parameters(&parameters);
    opj_image_t *found = nullptr;
    // Strict: half a frame is not a frame.
    if (!opj_setup_decoder(codec.get(), &parameters) || !opj_decoder_set_strict_mode(codec.get(), OPJ_TRUE) ||
        !opj_read_header(stream.get(), codec.get(), &found)) {
        return false;
    }
    const Image image(found);
    if (!is_of(*image, format) || !opj_decode(codec.get(), stream.get(), image.get()) ||
        !opj_end_decompress(codec.get(), stream.get()) || !is_of(*image, format)) {
        return false;
    }
    for (uint32_t component = 0; component < image->numcomps; ++component) {
        if (!image->comps[component].data) return false;
    }
    result.resize(frame_length(format));
    format.allocated == 16 ? gather<uint16_t>(*image, result) : gather<uint8_t>(*image, result);
    return true;
}

// Null for samples beyond their bits.
Image image(const cdcmtk_pixel_format &format, const uint8_t *bytes) {
    opj_image_cmptparm_t components[3];
    std::memset(components, 0, sizeof components);
    for (opj_image_cmptparm_t &component : components) {
        component.dx = component.dy = 1;
        component.w = format.columns;
        component.h = format.rows;
        component.prec = format.stored;
        component.sgnd = format.representation;
    }
    Image result(opj_image_create(format.samples, components, format.samples == 3 ? OPJ_CLRSPC_SRGB : OPJ_CLRSPC_GRAY));
    if (!result) throw std::bad_alloc();
    result->x1 = format.columns;
    result->y1 = format.rows;
    const bool is_signed = format.representation == 1;
    const bool is_within = format.allocated == 16
        ? is_signed ? scatter<int16_t>(bytes, *result) : scatter<uint16_t>(bytes, *result)
        : is_signed ? scatter<int8_t>(bytes, *result) : scatter<uint8_t>(bytes, *result);
    if (!is_within) result.reset();
    return result;
}

bool encode(const cdcmtk_pixel_format &format, bool transforms_colour, const uint8_t *bytes, Bytes &result) {
    const Image from = image(format, bytes);
    if (!from) return false;
    opj_cparameters_t parameters;
    opj_set_default_encoder_parameters(&parameters);
    parameters.tcp_numlayers = 1;
    parameters.tcp_rates[0] = 0;
    parameters.cp_disto_alloc = 1;
    parameters.tcp_mct = transforms_colour ? 1 : 0;
    // OpenJPEG halves no side below one sample.
    parameters.numresolution = 1;
    for (int side = std::min(format.rows, format.columns); side >= 2 && parameters.numresolution < 6; side /= 2) {
        ++parameters.numresolution;
    }
    Sink sink;
    const Stream stream(opj_stream_create(OPJ_J2K_STREAM_CHUNK_SIZE, OPJ_FALSE));
    const Codec codec(opj_create_compress(OPJ_CODEC_J2K));
    if (!stream || !codec) throw std::bad_alloc();
    opj_stream_set_write_function(stream.get(), Sink::write);
    opj_stream_set_skip_function(stream.get(), Sink::skip);
    opj_stream_set_seek_function(stream.get(), Sink::seek);
    opj_stream_set_user_data(stream.get(), &sink, nullptr);
    if (!opj_setup_encoder(codec.get(), &parameters, from.get()) ||
        !opj_start_compress(codec.get(), from.get(), stream.get()) || !opj_encode(codec.get(), stream.get()) ||
        !opj_end_compress(codec.get(), stream.get())) {
        return false;
    }
    result = std::move(sink.bytes);
    return !result.empty();
}

void set_photometric(cdcmtk_pixel_format *format, const char *value) {
    std::strncpy(format->photometric, value, sizeof format->photometric - 1);
}

bool is(const cdcmtk_pixel_format *format, const char *photometric) {
    return std::strcmp(format->photometric, photometric) == 0;
}

}  // namespace

extern "C" cdcmtk_status cdcmtk_jpeg2000_decode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    return guarded([&] {
        if (!is_taken(*format)) return status(CDCMTK_UNREADABLE, "a layout of samples that JPEG 2000 has not");
        Bytes frame;
        if (!decode(*format, bytes, count, frame)) {
            return status(CDCMTK_UNREADABLE, "a JPEG 2000 code stream that is broken, or of another image than its header");
        }
        format->planar = 0;
        if (is(format, "YBR_RCT") || is(format, "YBR_ICT")) set_photometric(format, "RGB");
        if (!cdcmtk::copy(frame, result)) throw std::bad_alloc();
        return ok();
    });
}

extern "C" cdcmtk_status cdcmtk_jpeg2000_encode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result) {
    return guarded([&] {
        if (!is_taken(*format) || count != frame_length(*format) || (format->samples > 1 && format->planar)) {
            return status(CDCMTK_UNWRITABLE, "not a frame that JPEG 2000 takes");
        }
        const bool transforms_colour = format->samples == 3 && is(format, "RGB");
        Bytes coded, again;
        if (!encode(*format, transforms_colour, bytes, coded) || !decode(*format, coded.data(), coded.size(), again) ||
            again.size() != count || std::memcmp(again.data(), bytes, count) != 0) {
            return status(CDCMTK_UNWRITABLE, "the frame would not come back as it was");
        }
        if (coded.size() % 2 == 1) coded.push_back(0);
        if (transforms_colour) set_photometric(format, "YBR_RCT");
        if (!cdcmtk::copy(coded, result)) throw std::bad_alloc();
        return ok();
    });
}
