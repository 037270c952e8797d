// How one message lies on the socket pair: four bytes of length, big endian, then JSON.

package import DICOMVocabulary
import FoundationEssentials

/// Turns messages into frames and back. Length and content come from the other half of the program, which may have
/// been taken over by what it reads, so both are judged.
package enum Framing {
    /// Bytes of JSON in one frame. The largest real message, a restore job with its UID pairs, is far below it.
    package static let maximumLength = 16 << 20

    package static func encode(_ message: some Encodable) throws(Failure) -> [UInt8] {
        let body: Data
        do {
            body = try JSONEncoder().encode(message)
        } catch {
            throw Failure(.unexpected, .person, .instance, detail: "a message could not be encoded")
        }
        guard body.count <= maximumLength else {
            throw Failure(.tooLarge, .person, .instance, detail: "a message of \(body.count) bytes between processes")
        }
        let length = UInt32(body.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }

    package static func decode<Message: Decodable>(_ type: Message.Type, from body: [UInt8]) throws(Failure) -> Message
    {
        do {
            return try JSONDecoder().decode(type, from: Data(body))
        } catch {
            // The decoder's own words may quote the content.
            throw Failure(.unexpected, .tryAgain, .instance, detail: "a message between processes was not understood")
        }
    }
}

/// Bytes that arrived, cut into frames.
package struct FrameBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var start = 0

    package init() {}

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0, start == bytes.count || start > 1 << 16 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// The JSON of the next whole frame, or nil when more bytes are needed. Fails for a length beyond the bound, after
    /// which nothing on this channel can be believed.
    package mutating func next() throws(Failure) -> [UInt8]? {
        guard bytes.count - start >= 4 else { return nil }
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= Framing.maximumLength else {
            throw Failure(.tooLarge, .tryAgain, .instance, detail: "a frame of \(length) bytes between processes")
        }
        guard bytes.count - start - 4 >= length else { return nil }
        let body = Array(bytes[start + 4..<start + 4 + length])
        start += 4 + length
        return body
    }
}
