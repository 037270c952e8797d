// A refusal in DICOM's words, said by the office itself because no worker is free to say it.

import DICOMVocabulary
import Glibc

enum BusySignal {
    /// The most of a peer's first message that is read over.
    private static let maximum = 1 << 17

    /// A-ASSOCIATE-RJ (PS3.8 9.3.4): rejected for a while, temporary congestion.
    static let rejection: [UInt8] = {
        let busy = AssociationRejection.temporaryCongestion
        return [0x03, 0, 0, 0, 0, 4, 0, busy.result, busy.source, busy.reason]
    }()

    /// Rejects what a peer has asked for, and closes. A peer of a TLS listener sees the connection close: nothing can be
    /// said before a handshake. Never blocks.
    static func reject(_ connection: Connection) {
        defer { close(connection.socket) }
        guard connection.listener.tls == nil else { return }
        // What is left unread would make the kernel answer with a reset, and the peer would never read the rejection.
        var buffer = [UInt8](repeating: 0, count: 1 << 14)
        var first: UInt8?
        var total = 0
        while total < maximum {
            let count = recv(connection.socket, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            guard count > 0 else { break }
            first = first ?? buffer[0]
            total += count
        }
        // To what is no A-ASSOCIATE-RQ there is no answer.
        guard first == 0x01 else { return }
        _ = rejection.withUnsafeBytes {
            send(connection.socket, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT | MSG_NOSIGNAL))
        }
        shutdown(connection.socket, CInt(SHUT_WR))
    }
}
