// What stands between DCMTK and the socket.
#pragma once

#include <functional>
#include <vector>

#include "tls.h"
#include "watchdog.h"

namespace cdcmtk {

// What a connection leaves behind when DCMTK has closed and deleted it.
struct Trace {
    // The peer's end, or an error, was seen by a read or write.
    bool is_lost = false;
    bool has_certificate = false;
    Certificate certificate;
    // The certificate is not the pinned one.
    bool is_pin_broken = false;
};

// Passes every call on, counts bytes, sets socket options, and lets the watchdog know what is blocked.
class Connection : public DcmTransportConnection {
public:
    // `here` is this object's place as long as it lives.
    Connection(
        DcmTransportConnection *inner, DcmNativeSocketType socket, Watchdog &watchdog, Trace &trace, TLS *tls,
        Connection *&here);
    ~Connection() override;

    OFCondition serverSideHandshake() override;
    OFCondition clientSideHandshake() override;
    OFCondition renegotiate(const char *suite) override { return inner_->renegotiate(suite); }
    ssize_t read(void *buffer, size_t count) override;
    ssize_t write(void *buffer, size_t count) override;
    void close() override;
    void closeTransportConnection() override;
    unsigned long getPeerCertificateLength() override { return inner_->getPeerCertificateLength(); }
    unsigned long getPeerCertificate(void *buffer, unsigned long length) override {
        return inner_->getPeerCertificate(buffer, length);
    }
    OFBool networkDataAvailable(int timeout) override {
        return !put_back_.empty() || inner_->networkDataAvailable(timeout);
    }
    OFBool isTransparentConnection() override { return inner_->isTransparentConnection(); }
    OFString &dumpConnectionParameters(OFString &text) override { return inner_->dumpConnectionParameters(text); }

    // The next reads give these bytes first.
    void put_back(const unsigned char *bytes, size_t count) { put_back_.insert(put_back_.begin(), bytes, bytes + count); }

private:
    // PDU type, length, and the head of one PDV (PS3.8 9.3.5), which DCMTK writes apart from the value's bytes.
    static constexpr size_t data_head = 12;
    static constexpr unsigned char p_data_tf = 0x04;
    static constexpr unsigned char a_abort = 0x07;
    // The bit of the message control header (PS3.8 E.2) that ends a command or a data set.
    static constexpr unsigned char last_fragment = 0x02;
    // The most that a TLS record holds.
    static constexpr size_t whole_record = 16 * 1024;
    // Many peers take PDUs of 16 KiB and no longer ones: at most so much of them goes out at once.
    static constexpr int64_t gathered = 64 * 1024;

    void note_certificate();
    void linger();
    bool holds_back(const void *buffer, size_t count);
    ssize_t write_behind_head(void *buffer, size_t count);
    // All of it, or what the connection said. Under TLS it has left with `send_records`.
    ssize_t write_records(const unsigned char *bytes, size_t count);
    ssize_t send_records();
    ssize_t write_at_once(const unsigned char *bytes, size_t count);
    ssize_t write_held_back();

    std::unique_ptr<DcmTransportConnection> inner_;
    Watchdog &watchdog_;
    Trace &trace_;
    TLS *const tls_;
    Connection *&here_;
    const size_t gathered_;
    // The head of a P-DATA-TF whose value comes with the next write: together they are one segment, and one wake-up there.
    unsigned char head_[data_head];
    bool has_head_ = false;
    // Whole P-DATA-TF of a message whose last one is still to come. Not under TLS, where they wait as records.
    std::vector<unsigned char> held_back_;
    std::vector<unsigned char> put_back_;
    // Bytes that were given to TLS and may not have left.
    size_t unsent_ = 0;
};

// Makes watched connections, with TLS where there is any.
class Layer : public DcmTransportLayer {
public:
    Layer(Watchdog &watchdog, Trace &trace) : watchdog_(watchdog), trace_(trace) {}
    DcmTransportConnection *createConnection(DcmNativeSocketType socket, OFBool use_secure_layer) override;

    // The connection that was made last, which DCMTK owns, and null when there is none any more.
    Connection *connection = nullptr;
    TLS *tls = nullptr;
    // Called once when DCMTK has got hold of the socket.
    std::function<void(DcmNativeSocketType)> on_socket;

private:
    Watchdog &watchdog_;
    Trace &trace_;
};

}  // namespace cdcmtk
