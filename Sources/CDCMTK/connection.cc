#include "connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wall"
#pragma GCC diagnostic ignored "-Wextra"
#include "dcmtk/dcmtls/tlscond.h"
#pragma GCC diagnostic pop

namespace cdcmtk {

Connection::Connection(
    DcmTransportConnection *inner, DcmNativeSocketType socket, Watchdog &watchdog, Trace &trace, TLS *tls,
    Connection *&here)
    : DcmTransportConnection(socket), inner_(inner), watchdog_(watchdog), trace_(trace), tls_(tls), here_(here),
      gathered_(std::min(gathered, watchdog.grain())) {
    watchdog_.guard(socket);
    here_ = this;
}

Connection::~Connection() {
    watchdog_.release();
    if (here_ == this) here_ = nullptr;
}

void Connection::note_certificate() {
    trace_.has_certificate = peer_certificate(*inner_, trace_.certificate);
}

OFCondition Connection::serverSideHandshake() {
    const OFCondition condition = inner_->serverSideHandshake();
    if (condition.good()) {
        note_certificate();
        if (tls_) tls_->gather();
    } else {
        linger();
    }
    return condition;
}

void Connection::linger() {
    // A TLS 1.3 client has sent its first request by the time we refuse its certificate. Closing with that unread makes
    // the kernel send a reset, which may overtake the alert that says why.
    ::shutdown(getSocket(), SHUT_WR);
    const auto end = Watchdog::Clock::now() + std::chrono::milliseconds(300);
    char buffer[4096];
    while (Watchdog::Clock::now() < end) {
        pollfd waiting = {getSocket(), POLLIN, 0};
        if (::poll(&waiting, 1, 50) > 0 && ::recv(getSocket(), buffer, sizeof buffer, MSG_DONTWAIT) <= 0) break;
    }
}

OFCondition Connection::clientSideHandshake() {
    const OFCondition condition = inner_->clientSideHandshake();
    if (condition.bad()) return condition;
    note_certificate();
    if (tls_ && !tls_->pinned().empty() && tls_->pinned() != trace_.certificate.fingerprint) {
        // Before one byte of DICOM has left.
        trace_.is_pin_broken = true;
        return DCMTLS_EC_X509VerifyCertUntrusted;
    }
    if (tls_) tls_->gather();
    return condition;
}

ssize_t Connection::read(void *buffer, size_t count) {
    if (!put_back_.empty()) {
        const size_t given = std::min(count, put_back_.size());
        std::copy_n(put_back_.begin(), given, static_cast<unsigned char *>(buffer));
        put_back_.erase(put_back_.begin(), put_back_.begin() + given);
        return given;
    }
    watchdog_.enter();
    ERR_clear_error();
    ssize_t done;
    do {
        errno = 0;  // SSL_read leaves it alone, and an old EINTR would never end
        done = inner_->read(buffer, count);
    } while (done < 0 && errno == EINTR);
    if (done > 0) {
        watchdog_.count(done);
        // Many senders leave Nagle's algorithm on; each of their P-DATA-TF ends with a segment that waits for our
        // acknowledgement, which the kernel would delay. Behind the first bytes of a head there are always more.
        if (count > 6) {
            const int on = 1;
            ::setsockopt(getSocket(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
        }
    } else {
        trace_.is_lost = true;
    }
    watchdog_.leave();
    return done;
}

bool Connection::holds_back(const void *buffer, size_t count) {
    const unsigned char *bytes = static_cast<const unsigned char *>(buffer);
    // With nothing behind the head, the length that follows the type counts 6.
    const bool is_alone = count == data_head && bytes[2] == 0 && bytes[3] == 0 && bytes[4] == 0 && bytes[5] <= 6;
    if (has_head_ || count != data_head || bytes[0] != p_data_tf || is_alone) return false;
    std::copy_n(bytes, data_head, head_);
    has_head_ = true;
    return true;
}

ssize_t Connection::write_behind_head(void *buffer, size_t count) {
    has_head_ = false;
    unsigned char *bytes = static_cast<unsigned char *>(buffer);
    const bool is_last = head_[data_head - 1] & last_fragment;
    const size_t total = data_head + count;
    if (tls_) {
        // Records gather behind OpenSSL. Only so much is copied that the head is none of its own (RFC 8446 5.1).
        unsigned char first[whole_record];
        const size_t copied = std::min(count, whole_record - data_head);
        std::copy_n(bytes, copied, std::copy_n(head_, data_head, first));
        ssize_t done = write_records(first, data_head + copied);
        if (done > 0 && count > copied) done = write_records(bytes + copied, count - copied);
        if (done <= 0) return done;
        unsent_ += total;
        if (is_last || unsent_ >= gathered_) done = send_records();
        return done <= 0 ? done : count;
    }
    if (held_back_.empty() && (is_last || total >= gathered_)) {
        // Nothing to be joined with it: not copied.
        size_t sent = 0;
        while (sent < total) {
            const size_t of_head = std::min(sent, data_head);
            const size_t of_value = sent - of_head;
            iovec parts[2] = {{head_ + of_head, data_head - of_head}, {bytes + of_value, count - of_value}};
            const ssize_t done = ::writev(getSocket(), parts, 2);
            if (done < 0 && errno == EINTR) continue;
            if (done <= 0) return done;
            sent += done;
        }
        watchdog_.count(total);
        return count;
    }
    // Both or neither, should there be no memory.
    held_back_.reserve(held_back_.size() + total);
    held_back_.insert(held_back_.end(), head_, head_ + data_head);
    held_back_.insert(held_back_.end(), bytes, bytes + count);
    if (!is_last && held_back_.size() < gathered_) return count;
    const ssize_t done = write_held_back();
    return done <= 0 ? done : count;
}

ssize_t Connection::write_held_back() {
    const ssize_t done = write_at_once(held_back_.data(), held_back_.size());
    held_back_.clear();
    return done;
}

ssize_t Connection::write_records(const unsigned char *bytes, size_t count) {
    size_t sent = 0;
    while (sent < count) {
        errno = 0;
        const ssize_t done = inner_->write(const_cast<unsigned char *>(bytes) + sent, count - sent);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return done;
        sent += done;
    }
    return count;
}

ssize_t Connection::send_records() {
    if (tls_ && !tls_->flush()) return -1;
    watchdog_.count(unsent_);
    unsent_ = 0;
    return 1;
}

ssize_t Connection::write_at_once(const unsigned char *bytes, size_t count) {
    ssize_t done = write_records(bytes, count);
    if (done <= 0) return done;
    unsent_ += count;
    done = send_records();
    return done <= 0 ? done : count;
}

ssize_t Connection::write(void *buffer, size_t count) {
    if (holds_back(buffer, count)) return count;
    watchdog_.enter();
    ERR_clear_error();
    ssize_t done = 1;
    if (has_head_) {
        done = write_behind_head(buffer, count);
    } else {
        const unsigned char *bytes = static_cast<const unsigned char *>(buffer);
        // A message that ends with an A-ABORT is of no use to the peer; records of TLS cannot be taken back.
        if (count > 0 && bytes[0] == a_abort) held_back_.clear();
        if (!held_back_.empty()) done = write_held_back();
        if (done > 0) done = write_at_once(bytes, count);
    }
    if (done <= 0 && count > 0) trace_.is_lost = true;
    watchdog_.leave();
    return done;
}

void Connection::close() {
    watchdog_.release();
    if (tls_) tls_->forget();
    inner_->close();
}

void Connection::closeTransportConnection() {
    watchdog_.release();
    if (tls_) tls_->forget();
    inner_->closeTransportConnection();
}

DcmTransportConnection *Layer::createConnection(DcmNativeSocketType socket, OFBool use_secure_layer) {
    if (on_socket) on_socket(socket);
    on_socket = nullptr;
    // Debian's DCMTK leaves Nagle's algorithm on, which costs a delayed acknowledgement for each message.
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    DcmTransportConnection *inner = use_secure_layer && tls
        ? tls->connect(socket)
        : (use_secure_layer ? nullptr : DcmTransportLayer::createConnection(socket, OFFalse));
    return inner ? new Connection(inner, socket, watchdog_, trace_, use_secure_layer ? tls : nullptr, connection) : nullptr;
}

}  // namespace cdcmtk
