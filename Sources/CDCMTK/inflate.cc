// Raw deflate streams (inflateInit2, inflate).
#include <zlib.h>

#include <climits>
#include <memory>

#include "status.h"

extern "C" cdcmtk_inflater *cdcmtk_inflater_create(void) {
    return cdcmtk::guarded<cdcmtk_inflater *>(nullptr, [] {
        auto stream = std::make_unique<z_stream>(z_stream());
        // Negative: neither a zlib nor a gzip header (PS3.5 A.5 takes the bare stream).
        if (inflateInit2(stream.get(), -MAX_WBITS) != Z_OK) return static_cast<cdcmtk_inflater *>(nullptr);
        return reinterpret_cast<cdcmtk_inflater *>(stream.release());
    });
}

extern "C" void cdcmtk_inflater_destroy(cdcmtk_inflater *inflater) {
    auto *stream = reinterpret_cast<z_stream *>(inflater);
    if (!stream) return;
    inflateEnd(stream);
    delete stream;
}

extern "C" cdcmtk_status cdcmtk_inflater_step(
    cdcmtk_inflater *inflater, const uint8_t *from, size_t from_count, uint8_t *into, size_t into_count,
    size_t *consumed, size_t *produced, bool *ended) {
    auto *stream = reinterpret_cast<z_stream *>(inflater);
    *consumed = *produced = 0;
    *ended = false;
    const auto input = static_cast<uInt>(from_count < UINT_MAX ? from_count : UINT_MAX);
    const auto output = static_cast<uInt>(into_count < UINT_MAX ? into_count : UINT_MAX);
    stream->next_in = const_cast<Bytef *>(from);
    stream->avail_in = input;
    stream->next_out = into;
    stream->avail_out = output;
    const int result = inflate(stream, Z_NO_FLUSH);
    *consumed = input - stream->avail_in;
    *produced = output - stream->avail_out;
    switch (result) {
    case Z_STREAM_END:
        *ended = true;
        return cdcmtk::ok();
    case Z_OK:
    case Z_BUF_ERROR:  // nothing to take or no room to fill, which the caller sees by the counts
        return cdcmtk::ok();
    case Z_MEM_ERROR:
        return cdcmtk::status(CDCMTK_OUT_OF_MEMORY, "out of memory");
    default:
        // zlib's texts are about codes and distances, never about content.
        return cdcmtk::status(CDCMTK_UNREADABLE, stream->msg ? stream->msg : "not a deflate stream");
    }
}
