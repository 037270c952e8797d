// Specific Character Set (0008,0005): DcmSpecificCharacterSet.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

bool cdcmtk_charset_is_available(void);

// `from` and `to` are values of Specific Character Set with their backslashes. `delimiters` are the characters that end
// a code extension (PS3.5 6.1.2.5.3).
cdcmtk_status cdcmtk_charset_convert(
    const char *from, const char *to, const char *delimiters, const uint8_t *bytes, size_t count,
    cdcmtk_bytes *result);

CDCMTK_END
