// The association handle.
#pragma once

#include "connection.h"
#include "value_reader.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmnet/assoc.h"
#include "dcmtk/dcmnet/cond.h"
#include "dcmtk/dcmnet/dul.h"
#include "dcmtk/dcmnet/lst.h"
#pragma GCC diagnostic pop

struct cdcmtk_association {
    cdcmtk_association(const cdcmtk_limits &limits, const char *uid, const char *version);
    ~cdcmtk_association();
    cdcmtk_association(const cdcmtk_association &) = delete;
    cdcmtk_association &operator=(const cdcmtk_association &) = delete;

    // Why a network call failed: the watchdog, OpenSSL and the connection know better than DCMTK's condition.
    cdcmtk_status explain(const OFCondition &condition);
    T_ASC_Parameters *current_parameters() { return association ? association->params : parameters; }
    void set_implementation(T_ASC_Parameters *of) const;
    // Closes the connection.
    void drop();

    const cdcmtk_limits limits;
    const std::string implementation_uid, implementation_version;
    cdcmtk::Watchdog watchdog;
    cdcmtk::Trace trace;
    cdcmtk::Layer layer;
    std::unique_ptr<cdcmtk::TLS> tls;
    T_ASC_Network *network = nullptr;
    // Of a request that is being made; the association owns them afterwards.
    T_ASC_Parameters *parameters = nullptr;
    T_ASC_Association *association = nullptr;
    cdcmtk::ValueReader values;
    T_ASC_RejectParameters rejection;
};

namespace cdcmtk {

// The wall clock of one call.
class Deadline {
public:
    Deadline(Watchdog &watchdog, double seconds) : watchdog_(watchdog) { watchdog_.set_deadline(seconds); }
    ~Deadline() { watchdog_.set_deadline(0); }

private:
    Watchdog &watchdog_;
};

// DCMTK counts its own timeouts in whole seconds. They end what is quite silent; the watchdog ends the rest.
inline int whole_seconds(double seconds) { return seconds < 1 ? 1 : static_cast<int>(seconds + 0.999); }

inline void copy_text(char *into, size_t size, const char *from) {
    size_t index = 0;
    for (; from && from[index] && index + 1 < size; index++) into[index] = from[index];
    into[index] = 0;
}

// DCMTK passes the socket and the timeouts to an association by global variables. Held from setting them to their use.
std::unique_lock<std::mutex> lock_globals();

}  // namespace cdcmtk
