// The C face of DCMTK, OpenSSL and zlib. It does only what Swift cannot: call C++, catch what it throws, and own its objects.
// Every function returns in spite of any C++ exception; results are copied out or lent until the next call on the same
// handle. A handle is used by one thread at a time.
#pragma once

#include "cdcmtk_status.h"

#include "cdcmtk_association.h"
#include "cdcmtk_charset.h"
#include "cdcmtk_dataset.h"
#include "cdcmtk_dictionary.h"
#include "cdcmtk_inflate.h"
#include "cdcmtk_jpeg2000.h"
#include "cdcmtk_lossless.h"
#include "cdcmtk_pixels.h"
#include "cdcmtk_process.h"
#include "cdcmtk_system.h"
