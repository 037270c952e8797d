// The requestor's half of negotiation.
#include "association.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <cmath>

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

// Seconds, as the kernel measured it while it connected (tcp(7), TCP_INFO).
double round_trip(DcmNativeSocketType socket) {
    tcp_info info = {};
    socklen_t size = sizeof info;
    return ::getsockopt(socket, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_rtt / 1e6 : 0;
}

}  // namespace

extern "C" cdcmtk_status cdcmtk_association_propose(
    cdcmtk_association *association, uint8_t identifier, const char *abstract_syntax, const char *const *syntaxes,
    size_t count, cdcmtk_role role) {
    return guarded([&] {
        if (!association->parameters) {
            const OFCondition condition =
                ASC_createAssociationParameters(&association->parameters, association->limits.maximum_pdu);
            if (condition.bad()) return status(CDCMTK_PROTOCOL, condition);
            association->set_implementation(association->parameters);
        }
        std::vector<const char *> copies(syntaxes, syntaxes + count);
        const OFCondition condition = ASC_addPresentationContext(
            association->parameters, identifier, abstract_syntax, copies.data(), static_cast<int>(count),
            role == CDCMTK_ROLE_BOTH  ? ASC_SC_ROLE_SCUSCP
            : role == CDCMTK_ROLE_SCP ? ASC_SC_ROLE_SCP
                                      : ASC_SC_ROLE_DEFAULT);
        return condition.good() ? ok() : status(CDCMTK_PROTOCOL, condition);
    });
}

extern "C" cdcmtk_status cdcmtk_association_request(
    cdcmtk_association *association, const char *host, int port, const char *called, const char *calling,
    void (*connected)(void *context, double round_trip), void *context) {
    return guarded([&] {
        if (!association->parameters) return status(CDCMTK_PROTOCOL, "no presentation context is proposed");
        // Later than the watchdog, which knows the difference between silence and success.
        const double longest = std::fmax(association->limits.negotiation, association->limits.dimse);
        const int timeout = cdcmtk::whole_seconds(longest) + 2;
        OFCondition condition;
        {
            std::unique_lock<std::mutex> globals = cdcmtk::lock_globals();
            condition = ASC_initializeNetwork(NET_REQUESTOR, 0, timeout, &association->network);
        }
        if (condition.good()) condition = ASC_setTransportLayer(association->network, &association->layer, 0);
        if (condition.bad()) return association->explain(condition);
        T_ASC_Parameters *parameters = association->parameters;
        ASC_setAPTitles(parameters, calling, called, nullptr);
        const std::string peer = std::string(host) + ":" + std::to_string(port);
        ASC_setPresentationAddresses(parameters, "localhost", peer.c_str());
        ASC_setTransportLayerType(parameters, association->tls ? OFTrue : OFFalse);
        {
            std::unique_lock<std::mutex> globals = cdcmtk::lock_globals();
            dcmConnectionTimeout.set(cdcmtk::whole_seconds(association->limits.connect));
            dcmSocketReceiveTimeout.set(cdcmtk::whole_seconds(std::fmax(60, association->limits.dimse)));
        }
        // From here the handshake and the answer count; connecting has its own limit.
        association->layer.on_socket = [association, longest, connected, context](DcmNativeSocketType socket) {
            association->watchdog.set_deadline(longest);
            if (connected) connected(context, round_trip(socket));
        };
        // The association takes the parameters over, whatever comes of it.
        association->parameters = nullptr;
        condition = ASC_requestAssociation(
            association->network, parameters, &association->association, nullptr, nullptr, DUL_NOBLOCK, timeout);
        association->layer.on_socket = nullptr;
        association->watchdog.set_deadline(0);
        if (condition.good()) {
            if (ASC_countAcceptedPresentationContexts(association->association->params) > 0) return ok();
            cdcmtk_association_abort(association);
            return status(CDCMTK_NO_CONTEXT, "the peer accepted no presentation context");
        }
        cdcmtk_status explained = association->explain(condition);
        if (explained.code == CDCMTK_LOST && association->trace.has_certificate) {
            explained = status(
                CDCMTK_TLS_FAILED,
                "the connection was closed right after the TLS handshake; the peer may have refused our certificate");
        }
        if (explained.code == CDCMTK_REJECTED) {
            ASC_getRejectParameters(parameters, &association->rejection);
        }
        if (association->association) {
            association->drop();
        } else {
            association->parameters = parameters;
        }
        return explained;
    });
}

extern "C" void cdcmtk_association_rejection(
    cdcmtk_association *association, uint8_t *result, uint8_t *source, uint8_t *reason) {
    *result = static_cast<uint8_t>(association->rejection.result);
    *source = static_cast<uint8_t>(association->rejection.source);
    *reason = static_cast<uint8_t>(association->rejection.reason & 0xFF);
}

extern "C" cdcmtk_status cdcmtk_association_release(cdcmtk_association *association) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        OFCondition condition;
        {
            cdcmtk::Deadline deadline(association->watchdog, association->limits.dimse);
            if (association->layer.connection) association->values.read_over(*association->layer.connection);
            condition = ASC_releaseAssociation(association->association);
        }
        association->drop();
        return condition.good() ? ok() : association->explain(condition);
    });
}
