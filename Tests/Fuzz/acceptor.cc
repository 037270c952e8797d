// An association that comes in (PS3.8 9.3). Input: flags, then what the peer sends.
#include "peer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    Input input(bytes, size);
    const uint8_t flags = input.byte();
    const std::vector<uint8_t> sent = pdus(input, flags & 1);
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        std::perror("socketpair");
        abort();
    }
    const int room = 1 << 20;
    setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &room, sizeof room);
    // All at once, and then the end: no waiting.
    ssize_t done = send(ends[0], sent.data(), sent.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)done;
    shutdown(ends[0], SHUT_WR);

    cdcmtk_association *association = cdcmtk_association_create(&limits, "2.25.1", "FUZZ");
    if (note(cdcmtk_association_receive(association, ends[1]))) {
        const size_t count = look_at_contexts(association);
        for (size_t i = 0; i < count; ++i) {
            cdcmtk_context context;
            if (!cdcmtk_association_context(association, i, &context) || context.syntax_count == 0) continue;
            if (flags & 2 && i % 2) continue;
            note(cdcmtk_association_accept_context(association, context.identifier, context.syntaxes[0], flags & 4));
        }
        if (flags & 8) {
            note(cdcmtk_association_reject(association, 1, 1, 1 + (flags >> 6)));
        } else if (note(cdcmtk_association_acknowledge(association))) {
            look_at_contexts(association);
            if (read_all(association)) {
                note(cdcmtk_association_acknowledge_release(association));
            } else if (flags & 16) {
                cdcmtk_association_abort(association);
            }
        }
    }
    cdcmtk_association_destroy(association);
    close(ends[0]);
    return 0;
}
