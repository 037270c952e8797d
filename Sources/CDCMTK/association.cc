// What both roles have in common: values in and out, the end, and explanations.
#include "association.h"

#include <cstring>

using cdcmtk::guarded;
using cdcmtk::ok;
using cdcmtk::status;

namespace cdcmtk {

std::unique_lock<std::mutex> lock_globals() {
    static std::mutex mutex;
    return std::unique_lock<std::mutex>(mutex);
}

namespace {

bool mentions_timeout(const char *text) {
    return std::strstr(text, "imeout") || std::strstr(text, "timed out") || std::strstr(text, "in progress");
}

}  // namespace

}  // namespace cdcmtk

cdcmtk_association::cdcmtk_association(const cdcmtk_limits &limits, const char *uid, const char *version)
    : limits(limits), implementation_uid(uid), implementation_version(version),
      watchdog(limits.minimum_rate, limits.minimum_rate_window), layer(watchdog, trace), values(limits.maximum_pdu) {
    rejection.result = ASC_RESULT_REJECTEDPERMANENT;
    rejection.source = ASC_SOURCE_SERVICEUSER;
    rejection.reason = ASC_REASON_SU_NOREASON;
}

cdcmtk_association::~cdcmtk_association() {
    drop();
    if (parameters) ASC_destroyAssociationParameters(&parameters);
    if (network) ASC_dropNetwork(&network);
}

void cdcmtk_association::drop() {
    if (association) ASC_destroyAssociation(&association);
    association = nullptr;
}

void cdcmtk_association::set_implementation(T_ASC_Parameters *of) const {
    cdcmtk::copy_text(of->ourImplementationClassUID, sizeof of->ourImplementationClassUID, implementation_uid.c_str());
    // Sixteen characters and a NUL (PS3.7 D.3.3.2.3).
    cdcmtk::copy_text(of->ourImplementationVersionName, 17, implementation_version.c_str());
}

cdcmtk_status cdcmtk_association::explain(const OFCondition &condition) {
    const char *text = condition.text();
    switch (watchdog.verdict()) {
    case cdcmtk::Watchdog::Verdict::deadline:
        return status(CDCMTK_TIMED_OUT, "the deadline passed");
    case cdcmtk::Watchdog::Verdict::rate:
        return status(CDCMTK_TOO_SLOW, "below the minimum rate");
    case cdcmtk::Watchdog::Verdict::none:
        break;
    }
    if (condition == EC_MemoryExhausted) return status(CDCMTK_OUT_OF_MEMORY, text);
    if (trace.is_pin_broken) {
        const std::string found =
            "the peer's certificate is not the pinned one; it has " + trace.certificate.fingerprint;
        return status(CDCMTK_CERTIFICATE_REFUSED, found.c_str());
    }
    if (tls && tls->has_complaint()) return tls->complaint(text);
    if (condition == DUL_PEERREQUESTEDRELEASE) return status(CDCMTK_RELEASED, text);
    if (condition == DUL_READTIMEOUT) return status(CDCMTK_TIMED_OUT, text);
    if (condition == DUL_ASSOCIATIONREJECTED) return status(CDCMTK_REJECTED, text);
    if (condition.module() == OFM_dcmnet) {
        switch (condition.code()) {
        case DULC_TLSERROR:
            return status(CDCMTK_TLS_FAILED, text);
        case DULC_TCPINITERROR:
        case DULC_UNKNOWNHOST:
            return status(
                cdcmtk::mentions_timeout(text) ? CDCMTK_CONNECT_TIMED_OUT : CDCMTK_CONNECT_REFUSED, text);
        default:
            break;
        }
    }
    if (condition.module() == OFM_dcmtls) return tls ? tls->complaint(text) : status(CDCMTK_TLS_FAILED, text);
    // DCMTK calls a lost connection an abort (PS3.8 9.2.2, AA-4). The connection knows what it saw.
    if (trace.is_lost) return status(CDCMTK_LOST, "the connection was closed");
    if (condition == DUL_PEERABORTEDASSOCIATION) return status(CDCMTK_ABORTED, text);
    return status(CDCMTK_PROTOCOL, text);
}

extern "C" cdcmtk_association *cdcmtk_association_create(
    const cdcmtk_limits *limits, const char *implementation_uid, const char *implementation_version) {
    cdcmtk_prepare();
    return guarded<cdcmtk_association *>(nullptr, [&] {
        return new cdcmtk_association(*limits, implementation_uid, implementation_version);
    });
}

extern "C" void cdcmtk_association_destroy(cdcmtk_association *association) {
    guarded(false, [&] {
        delete association;
        return true;
    });
}

extern "C" cdcmtk_status cdcmtk_association_use_tls(
    cdcmtk_association *association, const cdcmtk_tls_files *files, bool as_server) {
    return guarded([&] {
        association->tls.reset(new cdcmtk::TLS(*files, as_server));
        association->layer.tls = association->tls.get();
        return association->tls->prepare();
    });
}

extern "C" size_t cdcmtk_association_context_count(cdcmtk_association *association) {
    return guarded<size_t>(0, [&]() -> size_t {
        T_ASC_Parameters *parameters = association->current_parameters();
        if (!parameters) return 0;
        const int count = ASC_countPresentationContexts(parameters);
        return count > 0 ? static_cast<size_t>(count) : 0;
    });
}

extern "C" bool cdcmtk_association_context(cdcmtk_association *association, size_t index, cdcmtk_context *into) {
    return guarded(false, [&] {
        T_ASC_Parameters *parameters = association->current_parameters();
        T_ASC_PresentationContext context;
        if (!parameters) return false;
        if (ASC_getPresentationContext(parameters, static_cast<int>(index), &context).bad()) return false;
        into->identifier = context.presentationContextID;
        into->result = static_cast<uint8_t>(context.resultReason);
        into->peer_offers_scp_role =
            context.proposedRole == ASC_SC_ROLE_SCP || context.proposedRole == ASC_SC_ROLE_SCUSCP;
        cdcmtk::copy_text(into->abstract_syntax, sizeof into->abstract_syntax, context.abstractSyntax);
        const bool is_accepted = context.resultReason == ASC_P_ACCEPTANCE;
        cdcmtk::copy_text(
            into->accepted_syntax, sizeof into->accepted_syntax, is_accepted ? context.acceptedTransferSyntax : "");
        into->syntax_count = 0;
        for (; into->syntax_count < context.transferSyntaxCount && into->syntax_count < CDCMTK_MAXIMUM_SYNTAXES;
             into->syntax_count++) {
            cdcmtk::copy_text(
                into->syntaxes[into->syntax_count], sizeof into->syntaxes[0],
                context.proposedTransferSyntaxes[into->syntax_count]);
        }
        return true;
    });
}

extern "C" void cdcmtk_association_titles(cdcmtk_association *association, char calling[17], char called[17]) {
    calling[0] = called[0] = 0;
    if (T_ASC_Parameters *parameters = association->current_parameters()) {
        cdcmtk::copy_text(calling, 17, parameters->DULparams.callingAPTitle);
        cdcmtk::copy_text(called, 17, parameters->DULparams.calledAPTitle);
    }
}

extern "C" bool cdcmtk_association_certificate(
    cdcmtk_association *association, char subject[512], char fingerprint[65]) {
    if (!association->trace.has_certificate) return false;
    cdcmtk::copy_text(subject, 512, association->trace.certificate.subject.c_str());
    cdcmtk::copy_text(fingerprint, 65, association->trace.certificate.fingerprint.c_str());
    return true;
}

extern "C" void cdcmtk_association_tls(cdcmtk_association *association, char into[128]) {
    cdcmtk::copy_text(into, 128, association->tls ? association->tls->description().c_str() : "");
}

extern "C" size_t cdcmtk_association_pdv_size(cdcmtk_association *association) {
    return association->association ? association->association->sendPDVLength : 0;
}

extern "C" cdcmtk_status cdcmtk_association_wait(cdcmtk_association *association, double seconds) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        // Nothing but a look is asked of a lane that rests, which hears nothing of its office meanwhile.
        const int longest = seconds > 0 ? cdcmtk::whole_seconds(seconds) : 0;
        const bool has_data = ASC_dataWaiting(association->association, longest);
        return has_data ? ok() : status(CDCMTK_TIMED_OUT, "nothing came");
    });
}

extern "C" void cdcmtk_association_deadline(cdcmtk_association *association, double seconds) {
    guarded(false, [&] {
        association->watchdog.set_deadline(seconds);
        return true;
    });
}

extern "C" void cdcmtk_association_begin_transfer(cdcmtk_association *association) {
    guarded(false, [&] {
        association->watchdog.begin_transfer();
        return true;
    });
}

extern "C" void cdcmtk_association_end_transfer(cdcmtk_association *association) {
    association->watchdog.end_transfer();
}

namespace {

cdcmtk_status give(const DUL_PDV &value, cdcmtk_pdv *into) {
    into->context = value.presentationContextID;
    into->is_command = value.pdvType == DUL_COMMANDPDV;
    into->is_last = value.lastPDV;
    into->bytes = static_cast<const uint8_t *>(value.data);
    into->count = value.fragmentLength;
    return ok();
}

// What is no P-DATA-TF that can be read in the usual way: a release, an abort, or an offence. DCMTK knows which.
cdcmtk_status read_otherwise(cdcmtk_association *association, int seconds, cdcmtk_pdv *into) {
    DUL_ASSOCIATIONKEY **key = &association->association->DULassociation;
    DUL_PDVLIST list;
    std::memset(&list, 0, sizeof list);
    list.scratch = association->association->sendPDVBuffer;
    list.scratchLength = association->association->sendPDVLength;
    const OFCondition condition = DUL_ReadPDVs(key, &list, DUL_NOBLOCK, seconds);
    if (condition != DUL_PDATAPDUARRIVED) return association->explain(condition);
    DUL_PDV value;
    // A P-DATA-TF without a single value.
    const OFCondition next = DUL_NextPDV(key, &value);
    return next.bad() ? status(CDCMTK_PROTOCOL, next) : give(value, into);
}

}  // namespace

extern "C" cdcmtk_status cdcmtk_association_read(
    cdcmtk_association *association, uint8_t *target, size_t room, cdcmtk_pdv *into) {
    return guarded([&] {
        if (!association->association || !association->layer.connection) return status(CDCMTK_LOST, "no association");
        // One more, because DCMTK counts on the full second of the clock and may be early by one.
        const int seconds = cdcmtk::whole_seconds(association->limits.dimse) + 1;
        DUL_PDV of_dcmtk;
        if (DUL_NextPDV(&association->association->DULassociation, &of_dcmtk).good()) return give(of_dcmtk, into);
        switch (association->values.next(*association->layer.connection, seconds, target, room, *into)) {
        case cdcmtk::ValueReader::Outcome::value:
            return ok();
        case cdcmtk::ValueReader::Outcome::other:
            return read_otherwise(association, seconds, into);
        case cdcmtk::ValueReader::Outcome::lost:
            return association->explain(DUL_NETWORKCLOSED);
        case cdcmtk::ValueReader::Outcome::late:
            return association->explain(DUL_READTIMEOUT);
        case cdcmtk::ValueReader::Outcome::broken:
            break;
        }
        return status(CDCMTK_PROTOCOL, "presentation data values that do not fill their PDU");
    });
}

extern "C" cdcmtk_status cdcmtk_association_write(cdcmtk_association *association, const cdcmtk_pdv *pdv) {
    return guarded([&] {
        if (!association->association) return status(CDCMTK_LOST, "no association");
        DUL_PDV value;
        value.fragmentLength = pdv->count;
        value.presentationContextID = pdv->context;
        value.pdvType = pdv->is_command ? DUL_COMMANDPDV : DUL_DATASETPDV;
        value.lastPDV = pdv->is_last;
        // DCMTK's structure serves both directions; writing does not change the bytes.
        value.data = const_cast<uint8_t *>(pdv->bytes);
        DUL_PDVLIST list;
        std::memset(&list, 0, sizeof list);
        list.count = 1;
        list.pdv = &value;
        const OFCondition condition = DUL_WritePDVs(&association->association->DULassociation, &list);
        return condition.good() ? ok() : association->explain(condition);
    });
}

extern "C" void cdcmtk_association_abort(cdcmtk_association *association) {
    guarded(false, [&] {
        if (association->association) {
            // Long enough for the A-ABORT to be read; DCMTK waits for the peer to close.
            cdcmtk::Deadline deadline(association->watchdog, 0.3);
            ASC_abortAssociation(association->association);
        }
        association->drop();
        return true;
    });
}

extern "C" int64_t cdcmtk_association_bytes(cdcmtk_association *association) { return association->watchdog.bytes(); }
