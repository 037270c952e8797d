// DCMTK's data dictionary.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// The name of a standard attribute, ended by NUL; false where the dictionary (2022b) does not have it.
bool cdcmtk_tag_name(uint32_t tag, char *into, size_t capacity);

CDCMTK_END
