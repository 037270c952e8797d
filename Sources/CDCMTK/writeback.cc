// sync_file_range(2).
#include <fcntl.h>

#include "CDCMTK.h"

extern "C" void cdcmtk_begin_writeback(int descriptor, int64_t offset, int64_t count) {
    ::sync_file_range(descriptor, offset, count, SYNC_FILE_RANGE_WRITE);
}
