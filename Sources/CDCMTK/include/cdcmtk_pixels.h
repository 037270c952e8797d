// Single frames of compressed pixel data: JPEG (dcmjpeg) and RLE (dcmdata).
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// How the samples of a frame lie (PS3.3 C.7.6.3). Samples of 16 bits are in little endian.
typedef struct cdcmtk_pixel_format {
    uint16_t rows;
    uint16_t columns;
    uint16_t samples;
    uint16_t allocated;
    uint16_t stored;
    uint16_t high_bit;
    uint16_t representation;
    uint16_t planar;
    // Photometric Interpretation (0028,0004), ended by NUL.
    char photometric[17];
} cdcmtk_pixel_format;

// Whether frames of the syntax can be decoded.
bool cdcmtk_pixels_can_decode(const char *transfer_syntax);

// One frame, its fragments joined. `format` gets what decoding changed: photometric interpretation, planar
// configuration. The memory of one frame, compressed and not, is needed.
cdcmtk_status cdcmtk_pixels_decode(
    const char *transfer_syntax, cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result);

// One frame into one fragment, of even length, without loss. `format` as above.
cdcmtk_status cdcmtk_pixels_encode(
    const char *transfer_syntax, cdcmtk_pixel_format *format, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result);

CDCMTK_END
