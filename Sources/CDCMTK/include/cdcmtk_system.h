// What Swift does not see of the system: glibc shows it only to _GNU_SOURCE.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

// The kernel begins to write these bytes of a file to disk, from `offset` on; a `count` of 0 means to the end. Waits for
// nothing but a full queue, and promises nothing: fsync has to follow, and finds the less to do. Errors stay for fsync to
// report (sync_file_range(2), SYNC_FILE_RANGE_WRITE).
void cdcmtk_begin_writeback(int descriptor, int64_t offset, int64_t count);

// Whether reads and writes from now on go past the page cache (O_DIRECT of open(2), set by fcntl(2)). False where the file system
// has no such thing.
bool cdcmtk_pass_page_cache(int descriptor, bool passes);

CDCMTK_END
