// The acceptor's half of negotiation.
#include "association.h"

#include <fcntl.h>
#include <unistd.h>

#include <cmath>

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace {

void set_socket(DcmNativeSocketType socket) { dcmExternalSocketHandle.set(socket); }

T_ASC_SC_ROLE proposed_role(T_ASC_Parameters *parameters, uint8_t identifier) {
    const int count = ASC_countPresentationContexts(parameters);
    for (int index = 0; index < count; index++) {
        T_ASC_PresentationContext context;
        if (ASC_getPresentationContext(parameters, index, &context).good() &&
            context.presentationContextID == identifier) {
            return context.proposedRole;
        }
    }
    return ASC_SC_ROLE_DEFAULT;
}

}  // namespace

extern "C" cdcmtk_status cdcmtk_association_receive(cdcmtk_association *association, int socket) {
    bool is_handed_over = false;
    cdcmtk_status result = guarded([&] {
        // Later than the watchdog: what DCMTK does at its own timeout looks like success.
        const int timeout = cdcmtk::whole_seconds(association->limits.negotiation) + 2;
        cdcmtk::Deadline deadline(association->watchdog, association->limits.negotiation);
        std::unique_lock<std::mutex> globals = cdcmtk::lock_globals();
        dcmSocketReceiveTimeout.set(cdcmtk::whole_seconds(std::fmax(60, association->limits.dimse)));
        set_socket(socket);
        OFCondition condition = ASC_initializeNetwork(NET_ACCEPTOR, 0, timeout, &association->network);
        if (condition.good()) condition = ASC_setTransportLayer(association->network, &association->layer, 0);
        if (condition.good()) {
            association->layer.on_socket = [&](DcmNativeSocketType) {
                is_handed_over = true;
                set_socket(DCMNET_INVALID_SOCKET);
                globals.unlock();
            };
            condition = ASC_receiveAssociation(
                association->network, &association->association, association->limits.maximum_pdu, nullptr, nullptr,
                association->tls ? OFTrue : OFFalse, DUL_NOBLOCK, timeout);
            association->layer.on_socket = nullptr;
        }
        if (globals.owns_lock()) {
            set_socket(DCMNET_INVALID_SOCKET);
            globals.unlock();
        }
        if (condition.good()) {
            // Also where the peer said nothing, aborted, or sent another PDU (PS3.8 9.2.2, Sta2): then there is no
            // application context, which every A-ASSOCIATE-RQ has.
            T_ASC_Parameters *parameters = association->current_parameters();
            if (parameters && parameters->DULparams.applicationContextName[0]) return ok();
            condition = makeOFCondition(OFM_dcmnet, DULC_NOASSOCIATIONREQUEST, OF_error, "no A-ASSOCIATE-RQ came");
        }
        cdcmtk_status explained = association->explain(condition);
        association->drop();
        return explained;
    });
    if (!is_handed_over) ::close(socket);
    return result;
}

extern "C" cdcmtk_status cdcmtk_association_accept_context(
    cdcmtk_association *association, uint8_t identifier, const char *transfer_syntax, bool scp_role) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        T_ASC_Parameters *parameters = association->association->params;
        // A role that was not proposed may not be granted (PS3.7 D.3.3.4).
        const T_ASC_SC_ROLE role = scp_role ? proposed_role(parameters, identifier) : ASC_SC_ROLE_DEFAULT;
        const OFCondition condition =
            ASC_acceptPresentationContext(parameters, identifier, transfer_syntax, role);
        return condition.good() ? ok() : status(CDCMTK_PROTOCOL, condition);
    });
}

extern "C" cdcmtk_status cdcmtk_association_acknowledge(cdcmtk_association *association) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        T_ASC_Parameters *parameters = association->association->params;
        const int count = ASC_countPresentationContexts(parameters);
        for (int index = 0; index < count; index++) {
            T_ASC_PresentationContext context;
            if (ASC_getPresentationContext(parameters, index, &context).bad()) continue;
            if (context.resultReason == ASC_P_NOTYETNEGOTIATED) {
                ASC_refusePresentationContext(
                    parameters, context.presentationContextID, ASC_P_ABSTRACTSYNTAXNOTSUPPORTED);
            }
        }
        association->set_implementation(parameters);
        cdcmtk::Deadline deadline(association->watchdog, association->limits.negotiation);
        const OFCondition condition = ASC_acknowledgeAssociation(association->association);
        return condition.good() ? ok() : association->explain(condition);
    });
}

extern "C" cdcmtk_status cdcmtk_association_reject(
    cdcmtk_association *association, uint8_t result, uint8_t source, uint8_t reason) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        T_ASC_RejectParameters parameters;
        parameters.result = static_cast<T_ASC_RejectParametersResult>(result);
        parameters.source = static_cast<T_ASC_RejectParametersSource>(source);
        // DCMTK codes the source into the reason.
        parameters.reason = static_cast<T_ASC_RejectParametersReason>(source << 8 | reason);
        OFCondition condition;
        {
            cdcmtk::Deadline deadline(association->watchdog, association->limits.negotiation);
            condition = ASC_rejectAssociation(association->association, &parameters);
            // The requestor closes first (PS3.8 9.2, Sta13), for a while.
            if (condition.good()) ASC_dropSCPAssociation(association->association, 1);
        }
        association->drop();
        return condition.good() ? ok() : association->explain(condition);
    });
}

extern "C" cdcmtk_status cdcmtk_association_acknowledge_release(cdcmtk_association *association) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        OFCondition condition;
        {
            cdcmtk::Deadline deadline(association->watchdog, association->limits.negotiation);
            condition = ASC_acknowledgeRelease(association->association);
            if (condition.good()) ASC_dropSCPAssociation(association->association, 1);
        }
        association->drop();
        return condition.good() ? ok() : association->explain(condition);
    });
}
