// Shared by the shim's files: DCMTK's headers without their warnings, and the net under every call.
#pragma once

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/config/osconfig.h"
#include "dcmtk/dcmdata/dctk.h"
#pragma GCC diagnostic pop

#include <exception>
#include <new>
#include <string>
#include <system_error>
#include <vector>

#include "CDCMTK.h"

namespace cdcmtk {

cdcmtk_status status(cdcmtk_code code, const char *text);
// The condition's own text.
cdcmtk_status status(cdcmtk_code code, const OFCondition &condition);
inline cdcmtk_status ok() { return cdcmtk_status{}; }

bool copy(const std::vector<uint8_t> &from, cdcmtk_bytes *to);

// Runs `body` and turns whatever it throws into a status. No exception may reach Swift.
template <typename Body> cdcmtk_status guarded(Body body) noexcept {
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return status(CDCMTK_OUT_OF_MEMORY, "out of memory");
    } catch (const std::system_error &error) {
        // A thread that could not be started: its stack is memory, too.
        const bool is_full = error.code() == std::errc::resource_unavailable_try_again;
        return status(is_full ? CDCMTK_OUT_OF_MEMORY : CDCMTK_EXCEPTION, error.what());
    } catch (const std::exception &error) {
        return status(CDCMTK_EXCEPTION, error.what());
    } catch (...) {
        return status(CDCMTK_EXCEPTION, "unknown C++ exception");
    }
}

// The same for calls that give a value.
template <typename Value, typename Body> Value guarded(Value otherwise, Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return otherwise;
    }
}

}  // namespace cdcmtk
