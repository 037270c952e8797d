// TLS over DcmTLSTransportLayer, and what OpenSSL had to say.
#pragma once

#include "status.h"

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmnet/dcmtrans.h"
#include "dcmtk/dcmtls/tlslayer.h"
#pragma GCC diagnostic pop

#include <openssl/ssl.h>

#include <memory>

namespace cdcmtk {

class TLS {
public:
    TLS(const cdcmtk_tls_files &files, bool as_server);
    TLS(const TLS &) = delete;
    TLS &operator=(const TLS &) = delete;

    // Loads the files. CDCMTK_TLS_SETUP or CDCMTK_OK.
    cdcmtk_status prepare();
    DcmTransportConnection *connect(DcmNativeSocketType socket) { return layer_->createConnection(socket, OFTrue); }

    // From now on records wait for `flush`, which sends several in one call of the system. After the handshake.
    void gather();
    // False when the peer is gone.
    bool flush();
    // The connection ends, and DCMTK frees it.
    void forget() {
        connection_ = nullptr;
        gathers_ = false;
    }

    // Whether OpenSSL reported anything that explains a failure.
    bool has_complaint() const { return verification_ != 0 || alert_ != 0; }
    // The best explanation of a failed connection.
    cdcmtk_status complaint(const char *otherwise) const;

    const std::string &description() const { return description_; }
    const std::string &pinned() const { return pinned_; }

private:
    static void observe(const SSL *connection, int where, int value);
    void note(const SSL *connection, int where, int value);

    const bool as_server_;
    const std::string certificate_, private_key_, trusted_, revocation_list_, pinned_;
    std::unique_ptr<DcmTLSTransportLayer> layer_;
    // X509_V_*, 0 is good. Of our own check of the peer's certificate.
    long verification_ = 0;
    // The alert that the peer sent (RFC 8446 6), 0 if none.
    int alert_ = 0;
    std::string description_;
    // Of the one connection that this object serves, which DCMTK owns; from its handshake to its end.
    SSL *connection_ = nullptr;
    bool gathers_ = false;
};

struct Certificate {
    std::string subject;
    std::string fingerprint;
};

// False if the connection has no certificate of its peer.
bool peer_certificate(DcmTransportConnection &connection, Certificate &result);

}  // namespace cdcmtk
