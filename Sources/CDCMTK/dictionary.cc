// Names of attributes (DcmDataDictionary).
#include "status.h"

#include <cstring>

using cdcmtk::guarded;

extern "C" bool cdcmtk_tag_name(uint32_t tag, char *into, size_t capacity) {
    return guarded(false, [&] {
        cdcmtk_prepare();
        DcmTag known(static_cast<Uint16>(tag >> 16), static_cast<Uint16>(tag & 0xFFFF));
        const char *name = known.getTagName();
        if (capacity == 0 || known.error().bad() || !name || std::strcmp(name, "Unknown Tag & Data") == 0) return false;
        std::strncpy(into, name, capacity - 1);
        into[capacity - 1] = 0;
        return true;
    });
}
