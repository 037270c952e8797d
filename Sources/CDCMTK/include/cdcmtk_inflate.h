// Unpacking raw deflate streams (RFC 1951, PS3.5 A.5) by zlib. It reads and writes no file: the caller lends buffers, and
// counts what comes out.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

typedef struct cdcmtk_inflater cdcmtk_inflater;

// NULL without memory.
cdcmtk_inflater *cdcmtk_inflater_create(void);
void cdcmtk_inflater_destroy(cdcmtk_inflater *inflater);

// Takes bytes of `from` and fills `into` as far as either reaches (inflate). `ended` once the stream's last block is
// unpacked. CDCMTK_UNREADABLE for what is no deflate stream.
cdcmtk_status cdcmtk_inflater_step(
    cdcmtk_inflater *inflater, const uint8_t *from, size_t from_count, uint8_t *into, size_t into_count,
    size_t *consumed, size_t *produced, bool *ended);

CDCMTK_END
