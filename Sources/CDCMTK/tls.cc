#include "tls.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cerrno>

namespace cdcmtk {

namespace {

// The slot of an SSL_CTX in which the TLS object stands.
int slot() {
    static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return index;
}

std::string optional(const char *text) { return text ? text : ""; }

// Records of so many bytes leave together: the longest PDU of DCMTK, and what encryption adds to it.
constexpr long gathered = 144 * 1024;

// TLS 1.2 with forward secrecy and authenticated encryption. The profile of 3.6.7 has these for RSA keys only, and a
// certificate whose key is on a curve would be good for TLS 1.3 alone (RFC 9325, 4.2; PS3.15 B.12).
constexpr char suites[] =
    "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:"
    "DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256";

cdcmtk_status setup(const char *what, const OFCondition &condition) {
    return status(CDCMTK_TLS_SETUP, (std::string(what) + ": " + condition.text()).c_str());
}

}  // namespace

TLS::TLS(const cdcmtk_tls_files &files, bool as_server)
    : as_server_(as_server), certificate_(files.certificate), private_key_(files.private_key), trusted_(files.trusted),
      revocation_list_(optional(files.revocation_list)), pinned_(optional(files.pinned)) {}

cdcmtk_status TLS::prepare() {
    layer_.reset(new DcmTLSTransportLayer(as_server_ ? NET_ACCEPTOR : NET_REQUESTOR, nullptr, OFTrue));
    if (!*layer_) return status(CDCMTK_TLS_SETUP, "OpenSSL gives no context");
    OFCondition condition = layer_->setPrivateKeyFile(private_key_.c_str(), DCF_Filetype_PEM);
    if (condition.bad()) return setup("private key", condition);
    condition = layer_->setCertificateFile(certificate_.c_str(), DCF_Filetype_PEM);
    if (condition.bad()) return setup("certificate", condition);
    if (!layer_->checkPrivateKeyMatchesCertificate()) {
        return status(CDCMTK_TLS_SETUP, "the private key does not belong to the certificate");
    }
    condition = layer_->addTrustedCertificateFile(trusted_.c_str(), DCF_Filetype_PEM);
    if (condition.bad()) return setup("trusted certificates", condition);
    if (as_server_) {
        // The authorities that are named in CertificateRequest; a client picks its certificate by them.
        condition = layer_->addTrustedClientCertificateFile(trusted_.c_str());
        if (condition.bad()) return setup("trusted certificates", condition);
    }
    if (!revocation_list_.empty()) {
        condition = layer_->addCertificateRevocationList(revocation_list_.c_str(), DCF_Filetype_PEM);
        if (condition.good()) condition = layer_->setCRLverification(TCR_checkLeafCRL);
        if (condition.bad()) return setup("revocation list", condition);
    }
    // The only profile of 3.6.7 that takes neither TLS 1.0 nor refuses TLS 1.3 (PS3.15 B.12 in content).
    condition = layer_->setTLSProfile(TSP_Profile_BCP195_ND);
    if (condition.good()) condition = layer_->activateCipherSuites();
    if (condition.bad()) return setup("TLS profile", condition);
    layer_->setCertificateVerification(DCV_requireCertificate);
    SSL_CTX *context = layer_->getNativeHandle();
    if (SSL_CTX_set_cipher_list(context, suites) != 1) {
        return status(CDCMTK_TLS_SETUP, "OpenSSL has none of the cipher suites");
    }
    SSL_CTX_set_ex_data(context, slot(), this);
    SSL_CTX_set_info_callback(context, observe);
    return ok();
}

void TLS::gather() {
    // OpenSSL writes each record of 16 KiB by itself. A buffer behind it makes one segment and one call of several.
    BIO *socket = connection_ && !gathers_ ? SSL_get_wbio(connection_) : nullptr;
    BIO *buffer = socket ? BIO_new(BIO_f_buffer()) : nullptr;
    if (!buffer) return;
    if (BIO_set_write_buffer_size(buffer, gathered) != 1 || BIO_up_ref(socket) != 1) {
        BIO_free(buffer);
        return;
    }
    SSL_set0_wbio(connection_, BIO_push(buffer, socket));
    gathers_ = true;
}

bool TLS::flush() {
    if (!gathers_) return true;
    errno = 0;
    while (BIO_flush(SSL_get_wbio(connection_)) != 1) {
        if (errno != EINTR) return false;
        errno = 0;
    }
    return true;
}

void TLS::observe(const SSL *connection, int where, int value) {
    void *object = SSL_CTX_get_ex_data(SSL_get_SSL_CTX(connection), slot());
    // Called from C: nothing may be thrown through OpenSSL.
    if (object) {
        guarded(false, [&] {
            static_cast<TLS *>(object)->note(connection, where, value);
            return true;
        });
    }
}

void TLS::note(const SSL *connection, int where, int value) {
    if (where & SSL_CB_ALERT) {
        const int description = value & 0xFF;
        const bool is_fatal = (value >> 8) == SSL3_AL_FATAL;
        if ((where & SSL_CB_READ) && is_fatal) alert_ = description;
        if (where & SSL_CB_WRITE) {
            const long result = SSL_get_verify_result(connection);
            if (result != X509_V_OK) verification_ = result;
        }
    }
    if (where & SSL_CB_HANDSHAKE_DONE) {
        // OpenSSL shows its callback what it does not mean to be changed in it, and gives no other way to the object.
        connection_ = const_cast<SSL *>(connection);
        description_ = std::string(SSL_get_version(connection)) + " " + SSL_get_cipher_name(connection);
    }
}

cdcmtk_status TLS::complaint(const char *otherwise) const {
    if (verification_ != 0) {
        const std::string text = std::string("the peer's certificate: ") + X509_verify_cert_error_string(verification_);
        const bool is_expired = verification_ == X509_V_ERR_CERT_HAS_EXPIRED;
        return status(is_expired ? CDCMTK_CERTIFICATE_EXPIRED : CDCMTK_CERTIFICATE_REFUSED, text.c_str());
    }
    if (alert_ != 0) {
        const std::string text = std::string("the peer sent the alert: ") + SSL_alert_desc_string_long(alert_);
        switch (alert_) {
        case SSL3_AD_CERTIFICATE_EXPIRED:
            return status(CDCMTK_CERTIFICATE_EXPIRED, text.c_str());
        case SSL3_AD_BAD_CERTIFICATE:
        case SSL3_AD_UNSUPPORTED_CERTIFICATE:
        case SSL3_AD_CERTIFICATE_REVOKED:
        case SSL3_AD_CERTIFICATE_UNKNOWN:
        case TLS1_AD_UNKNOWN_CA:
        case TLS13_AD_CERTIFICATE_REQUIRED:
            return status(CDCMTK_CERTIFICATE_REFUSED, text.c_str());
        default:
            return status(CDCMTK_TLS_FAILED, text.c_str());
        }
    }
    return status(CDCMTK_TLS_FAILED, otherwise);
}

bool peer_certificate(DcmTransportConnection &connection, Certificate &result) {
    const unsigned long length = connection.getPeerCertificateLength();
    if (length == 0) return false;
    std::vector<unsigned char> encoded(length);
    if (connection.getPeerCertificate(encoded.data(), length) == 0) return false;
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int count = 0;
    if (EVP_Digest(encoded.data(), encoded.size(), digest, &count, EVP_sha256(), nullptr) != 1) return false;
    result.fingerprint.clear();
    for (unsigned int index = 0; index < count; index++) {
        result.fingerprint += "0123456789abcdef"[digest[index] >> 4];
        result.fingerprint += "0123456789abcdef"[digest[index] & 15];
    }
    const unsigned char *start = encoded.data();
    std::unique_ptr<X509, decltype(&X509_free)> certificate(
        d2i_X509(nullptr, &start, static_cast<long>(encoded.size())), X509_free);
    if (!certificate) return false;
    std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new(BIO_s_mem()), BIO_free);
    if (!memory) return false;
    X509_NAME_print_ex(memory.get(), X509_get_subject_name(certificate.get()), 0, XN_FLAG_RFC2253);
    char *text = nullptr;
    const long characters = BIO_get_mem_data(memory.get(), &text);
    result.subject.assign(text, characters > 0 ? static_cast<size_t>(characters) : 0);
    return true;
}

}  // namespace cdcmtk
