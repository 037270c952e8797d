// A head start for the disk.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// The kernel begins to write these bytes of a file to disk, from `offset` on; a `count` of 0 means to the end. Waits for
// nothing but a full queue, and promises nothing: fsync has to follow, and finds the less to do. Errors stay for fsync to
// report (sync_file_range(2), SYNC_FILE_RANGE_WRITE, which glibc shows only to _GNU_SOURCE).
void cdcmtk_begin_writeback(int descriptor, int64_t offset, int64_t count);

CDCMTK_END
