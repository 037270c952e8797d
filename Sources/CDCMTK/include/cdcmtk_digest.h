// SHA-256 by OpenSSL, which uses the processor's own instructions.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

typedef struct cdcmtk_digest cdcmtk_digest;

// NULL if OpenSSL has no memory.
cdcmtk_digest *cdcmtk_digest_create(void);
bool cdcmtk_digest_update(cdcmtk_digest *digest, const uint8_t *bytes, size_t count);
// 32 bytes.
bool cdcmtk_digest_finish(cdcmtk_digest *digest, uint8_t *into);
void cdcmtk_digest_destroy(cdcmtk_digest *digest);

CDCMTK_END
