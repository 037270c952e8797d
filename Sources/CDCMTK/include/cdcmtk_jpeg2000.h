// JPEG 2000 and HTJ2K frames of others, by OpenJPEG: DCMTK 3.6.7 knows neither, and OpenJPH 0.9 writes beyond its memory where
// a code stream is broken (Tests/Fuzz/known).
#pragma once

#include "cdcmtk_pixels.h"

CDCMTK_BEGIN

// One frame, its fragments joined, of one or three samples a pixel. Its code stream has to have the rows, columns, depth and
// sign that `format` tells. The result is colour by pixel; a frame that was coded as YBR_RCT or YBR_ICT is RGB then, and
// `format` says so. Needs the memory of five frames.
cdcmtk_status cdcmtk_jpeg2000_decode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result);

// One frame, colour by pixel, as one fragment of JPEG 2000 without loss, of even length; RGB becomes YBR_RCT. It is decoded
// again and compared: a frame that would not come back bit for bit is CDCMTK_UNWRITABLE.
cdcmtk_status cdcmtk_jpeg2000_encode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result);

CDCMTK_END
