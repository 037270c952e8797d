// sync_file_range(2), O_DIRECT of open(2): what Swift does not see of the system.
#include <fcntl.h>

#include "CDCMTK.h"

extern "C" void cdcmtk_begin_writeback(int descriptor, int64_t offset, int64_t count) {
    ::sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}

extern "C" bool cdcmtk_pass_page_cache(int descriptor, bool passes) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && ::fcntl(descriptor, F_SETFL, passes ? flags | O_DIRECT : flags & ~O_DIRECT) == 0;
}
