// Associations in both roles: ASC_* for negotiation, DUL_* for presentation data values. Commands are neither built nor
// parsed here. Calls block, and every wait has an end: a watchdog shuts the socket down when a deadline passes or the
// minimum rate is not kept, because DCMTK's own timeouts do not end a peer that drips.
#pragma once

#include "cdcmtk_status.h"

CDCMTK_BEGIN

typedef struct cdcmtk_association cdcmtk_association;

// Times in seconds, sizes in bytes, as AssociationLimits.
typedef struct cdcmtk_limits {
    double negotiation;
    double dimse;
    double connect;
    int64_t minimum_rate;
    double minimum_rate_window;
    uint32_t maximum_pdu;
} cdcmtk_limits;

// Paths of PEM files; revocation_list and pinned (SHA-256, lower-case hex) may be null.
typedef struct cdcmtk_tls_files {
    const char *certificate;
    const char *private_key;
    const char *trusted;
    const char *revocation_list;
    const char *pinned;
} cdcmtk_tls_files;

// The requestor's own role in a presentation context (PS3.7 D.3.3.4).
typedef enum cdcmtk_role {
    CDCMTK_ROLE_DEFAULT = 0,  // SCU, without saying so
    CDCMTK_ROLE_BOTH = 1,
    CDCMTK_ROLE_SCP = 2
} cdcmtk_role;

#define CDCMTK_MAXIMUM_SYNTAXES 50

typedef struct cdcmtk_context {
    uint8_t identifier;
    // Result of PS3.8 Table 9-18; 0 is acceptance, 255 not negotiated yet.
    uint8_t result;
    bool peer_offers_scp_role;
    char abstract_syntax[66];
    char accepted_syntax[66];
    size_t syntax_count;
    char syntaxes[CDCMTK_MAXIMUM_SYNTAXES][66];
} cdcmtk_context;

// One presentation data value, lent until the next call on the association.
typedef struct cdcmtk_pdv {
    uint8_t context;
    bool is_command;
    bool is_last;
    const uint8_t *bytes;
    size_t count;
} cdcmtk_pdv;

// Null if there is no memory. Implementation names as in PS3.7 D.3.3.2.
cdcmtk_association *cdcmtk_association_create(
    const cdcmtk_limits *limits, const char *implementation_uid, const char *implementation_version);
// Aborts nothing by itself: closes the connection.
void cdcmtk_association_destroy(cdcmtk_association *association);

// TLS by BCP 195 (non-downgrading), both sides with certificates. Before receive or request.
cdcmtk_status cdcmtk_association_use_tls(
    cdcmtk_association *association, const cdcmtk_tls_files *files, bool as_server);

// Takes over a connected socket in any case, and waits for TLS and A-ASSOCIATE-RQ.
cdcmtk_status cdcmtk_association_receive(cdcmtk_association *association, int socket);
// With scp_role the requestor gets the roles that it asked for.
cdcmtk_status cdcmtk_association_accept_context(
    cdcmtk_association *association, uint8_t identifier, const char *transfer_syntax, bool scp_role);
// Refuses every context that was not accepted, as an unknown abstract syntax, and sends A-ASSOCIATE-AC.
cdcmtk_status cdcmtk_association_acknowledge(cdcmtk_association *association);
cdcmtk_status cdcmtk_association_reject(
    cdcmtk_association *association, uint8_t result, uint8_t source, uint8_t reason);
cdcmtk_status cdcmtk_association_acknowledge_release(cdcmtk_association *association);

cdcmtk_status cdcmtk_association_propose(
    cdcmtk_association *association, uint8_t identifier, const char *abstract_syntax, const char *const *syntaxes,
    size_t count, cdcmtk_role role);
// Connects and waits for the answer. CDCMTK_REJECTED leaves the reasons in cdcmtk_association_rejection().
// `connected` (may be null) is called once the transport connection stands, before TLS and negotiation, with the seconds of
// one round trip.
cdcmtk_status cdcmtk_association_request(
    cdcmtk_association *association, const char *host, int port, const char *called, const char *calling,
    void (*connected)(void *context, double round_trip), void *context);
void cdcmtk_association_rejection(
    cdcmtk_association *association, uint8_t *result, uint8_t *source, uint8_t *reason);
cdcmtk_status cdcmtk_association_release(cdcmtk_association *association);

size_t cdcmtk_association_context_count(cdcmtk_association *association);
bool cdcmtk_association_context(cdcmtk_association *association, size_t index, cdcmtk_context *into);
// Copies of at most 16 characters and a NUL.
void cdcmtk_association_titles(cdcmtk_association *association, char calling[17], char called[17]);
// False without TLS. The subject is written as in RFC 2253, the fingerprint as 64 hex digits.
bool cdcmtk_association_certificate(cdcmtk_association *association, char subject[512], char fingerprint[65]);
// "TLSv1.3 TLS_AES_256_GCM_SHA384", or empty.
void cdcmtk_association_tls(cdcmtk_association *association, char into[128]);
// How many bytes of data fit into one PDU of the peer.
size_t cdcmtk_association_pdv_size(cdcmtk_association *association);

// Waits for the first byte of something: CDCMTK_OK or CDCMTK_TIMED_OUT. What it is, the next read tells. Parts of a second count
// as one; 0 looks and does not wait.
cdcmtk_status cdcmtk_association_wait(cdcmtk_association *association, double seconds);
// From now until the next call of this function the wall clock runs; 0 stops it.
void cdcmtk_association_deadline(cdcmtk_association *association, double seconds);
// Between begin and end the time spent in reads and writes is held against the minimum rate.
void cdcmtk_association_begin_transfer(cdcmtk_association *association);
void cdcmtk_association_end_transfer(cdcmtk_association *association);
// The next value; one of a data set goes to `target`, if that has room for all of it. CDCMTK_RELEASED and CDCMTK_ABORTED are
// ways for an association to end here.
cdcmtk_status cdcmtk_association_read(
    cdcmtk_association *association, uint8_t *target, size_t room, cdcmtk_pdv *into);
cdcmtk_status cdcmtk_association_write(cdcmtk_association *association, const cdcmtk_pdv *pdv);
void cdcmtk_association_abort(cdcmtk_association *association);
// Read and written on the connection so far. From any thread.
int64_t cdcmtk_association_bytes(cdcmtk_association *association);

CDCMTK_END
