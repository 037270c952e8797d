// An association that goes out, to a peer that answers with the input. Input: flags, then the answer.
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

namespace {

int listening() {
    static int port = 0;
    static const int socket = [] {
        const int made = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in address;
        std::memset(&address, 0, sizeof address);
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t length = sizeof address;
        if (bind(made, reinterpret_cast<sockaddr *>(&address), length) != 0 || listen(made, 8) != 0 ||
            getsockname(made, reinterpret_cast<sockaddr *>(&address), &length) != 0) {
            std::perror("listen");
            abort();
        }
        port = ntohs(address.sin_port);
        return made;
    }();
    (void)port;
    return socket;
}

int port_of(int socket) {
    sockaddr_in address;
    socklen_t length = sizeof address;
    getsockname(socket, reinterpret_cast<sockaddr *>(&address), &length);
    return ntohs(address.sin_port);
}

void answer(int listener, const std::vector<uint8_t> *sent) {
    const int peer = accept(listener, nullptr, nullptr);
    if (peer < 0) return;
    ssize_t done = send(peer, sent->data(), sent->size(), MSG_NOSIGNAL);
    (void)done;
    shutdown(peer, SHUT_WR);
    char buffer[4096];
    while (recv(peer, buffer, sizeof buffer, 0) > 0) {}
    close(peer);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const uint8_t flags = input.byte();
    const std::vector<uint8_t> sent = pdus(input, flags & 1);
    const int listener = listening();
    std::thread peer(answer, listener, &sent);

    cdcmtk_association *association = cdcmtk_association_create(&limits, "2.25.1", "FUZZ");
    const char *const syntaxes[] = {"1.2.840.10008.1.2.1", "1.2.840.10008.1.2"};
    cdcmtk_association_propose(association, 1, "1.2.840.10008.5.1.4.1.1.2", syntaxes, 2, CDCMTK_ROLE_DEFAULT);
    cdcmtk_association_propose(association, 3, "1.2.840.10008.1.1", syntaxes, 2, CDCMTK_ROLE_BOTH);
    const cdcmtk_status status =
        cdcmtk_association_request(association, "127.0.0.1", port_of(listener), "READER", "ANTIPODE", nullptr, nullptr);
    uint8_t result = 0, source = 0, reason = 0;
    cdcmtk_association_rejection(association, &result, &source, &reason);
    if (status.code == CDCMTK_REJECTED) note(0xE000 + result, source, reason);
    if (note(status)) {
        look_at_contexts(association);
        const size_t room = cdcmtk_association_pdv_size(association);
        std::vector<uint8_t> value(room < 1024 ? room : 1024);
        const cdcmtk_pdv pdv = {1, true, true, value.data(), value.size()};
        if (flags & 2) note(cdcmtk_association_write(association, &pdv));
        if (read_all(association)) {
            note(cdcmtk_association_acknowledge_release(association));
        } else if (flags & 4) {
            note(cdcmtk_association_release(association));
        } else {
            cdcmtk_association_abort(association);
        }
    }
    cdcmtk_association_destroy(association);
    peer.join();
    return 0;
}
