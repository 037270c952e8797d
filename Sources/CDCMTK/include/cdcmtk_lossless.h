// Compression on the way out, by OpenJPH (HTJ2K) or CharLS (JPEG-LS), which DCMTK 3.6.7 lacks or does slowly; and JPEG-LS frames
// of others, by CharLS.
#pragma once

#include "cdcmtk_pixels.h"

CDCMTK_BEGIN

// One frame of 8 or 16 bits allocated, in little endian, into one fragment of even length: as HTJ2K lossless
// (1.2.840.10008.1.2.4.201) grey only, as JPEG-LS lossless (…4.80) in colour by pixel too. It is decoded again and compared: a frame that would not come back bit for bit is CDCMTK_UNWRITABLE, and so is one with
// values beyond its bits stored. Needs the memory of three frames.
cdcmtk_status cdcmtk_lossless_encode(
    const char *transfer_syntax, const cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result);

// One frame of JPEG-LS, lossless or near to it, its fragments joined; the result is colour by pixel, and `format` says so.
cdcmtk_status cdcmtk_jpegls_decode(
    cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count, cdcmtk_bytes *result);

CDCMTK_END
