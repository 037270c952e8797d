// How a call ended.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#define CDCMTK_BEGIN extern "C" {
#define CDCMTK_END }
#else
#define CDCMTK_BEGIN
#define CDCMTK_END
#endif

CDCMTK_BEGIN

typedef enum cdcmtk_code {
    CDCMTK_OK = 0,
    CDCMTK_UNREADABLE,       // bytes that the parser refuses, or that it did not use up
    CDCMTK_UNWRITABLE,       // a value that the encoding cannot hold
    CDCMTK_OUT_OF_MEMORY,
    CDCMTK_EXCEPTION,        // a C++ exception that nothing else explains
    CDCMTK_CONNECT_REFUSED,  // no host, no route, nobody listens
    CDCMTK_CONNECT_TIMED_OUT,
    CDCMTK_TLS_SETUP,        // our own certificate, key, trust or CRL files
    CDCMTK_TLS_FAILED,
    CDCMTK_CERTIFICATE_EXPIRED,
    CDCMTK_CERTIFICATE_REFUSED,
    CDCMTK_REJECTED,         // A-ASSOCIATE-RJ; the fields stand in the association
    CDCMTK_NO_CONTEXT,       // the peer accepted no presentation context
    CDCMTK_RELEASED,         // A-RELEASE-RQ came
    CDCMTK_ABORTED,          // A-ABORT came
    CDCMTK_TIMED_OUT,        // a deadline passed
    CDCMTK_TOO_SLOW,         // under the minimum rate
    CDCMTK_LOST,             // the connection is gone
    CDCMTK_PROTOCOL,         // what came is not DICOM's upper layer protocol
} cdcmtk_code;

// The text is the library's; it holds no data set values.
typedef struct cdcmtk_status {
    cdcmtk_code code;
    char text[256];
} cdcmtk_status;

// Bytes that the caller gives back with cdcmtk_bytes_free().
typedef struct cdcmtk_bytes {
    uint8_t *data;
    size_t count;
} cdcmtk_bytes;

void cdcmtk_bytes_free(cdcmtk_bytes bytes);

CDCMTK_END
