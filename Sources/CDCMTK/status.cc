// Status values, and what is set once in a process.
#include "status.h"

#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/oflog/oflog.h"
#pragma GCC diagnostic pop

namespace cdcmtk {

cdcmtk_status status(cdcmtk_code code, const char *text) {
    cdcmtk_status result;
    result.code = code;
    std::snprintf(result.text, sizeof result.text, "%s", text ? text : "");
    // A peer's bytes may be part of the text; one line of printable ASCII is all that a log gets.
    for (char *c = result.text; *c; c++) {
        if (*c < 0x20 || *c > 0x7E) *c = ' ';
    }
    return result;
}

// Whatever was asked for, a lack of memory is neither the object's fault nor the peer's.
cdcmtk_status status(cdcmtk_code code, const OFCondition &condition) {
    return status(condition == EC_MemoryExhausted ? CDCMTK_OUT_OF_MEMORY : code, condition.text());
}

bool copy(const std::vector<uint8_t> &from, cdcmtk_bytes *to) {
    to->count = from.size();
    to->data = static_cast<uint8_t *>(std::malloc(from.empty() ? 1 : from.size()));
    if (!to->data) return false;
    if (!from.empty()) std::memcpy(to->data, from.data(), from.size());
    return true;
}

}  // namespace cdcmtk

extern "C" void cdcmtk_bytes_free(cdcmtk_bytes bytes) { std::free(bytes.data); }

extern "C" void cdcmtk_prepare(void) {
    static std::once_flag once;
    cdcmtk::guarded(false, [] {
        std::call_once(once, [] {
            // DCMTK writes to sockets with write(2); a peer that went away must not end the process.
            std::signal(SIGPIPE, SIG_IGN);
            OFLog::configure(OFLogger::OFF_LOG_LEVEL);
            // Values stay as they were written: no padding added, none taken away, no letters changed.
            dcmEnableAutomaticInputDataCorrection.set(OFFalse);
            dcmDisableGethostbyaddr.set(OFTrue);
        });
        return true;
    });
}

namespace {

// So many are in the dicom.dic of DCMTK 3.6.7. A file that was read in part counts as loaded for DCMTK once another was read.
constexpr int standard_attributes = 4919;

bool is_whole(DcmDataDictionary &dictionary) {
    int count = 0;
    for (auto entry = dictionary.normalBegin(); entry != dictionary.normalEnd(); ++entry) {
        if (!(*entry)->getPrivateCreator()) count++;
    }
    return dictionary.isDictionaryLoaded() && count >= standard_attributes;
}

struct DictionaryLock {
    DcmDataDictionary &dictionary = dcmDataDict.wrlock();
    ~DictionaryLock() { dcmDataDict.wrunlock(); }
};

}  // namespace

extern "C" bool cdcmtk_load_dictionary(void) {
    static std::atomic<bool> loaded{false};
    return loaded || cdcmtk::guarded(false, [] {
        cdcmtk_prepare();
        DictionaryLock lock;
        // DCMTK reads it once. What kept it from being read then, such as too many open files, may have passed.
        if (!is_whole(lock.dictionary)) lock.dictionary.reloadDictionaries(OFFalse, OFTrue);
        loaded = is_whole(lock.dictionary);
        return loaded.load();
    });
}
