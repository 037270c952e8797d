// How one message lies on a socket of the house: four bytes of length, big endian, then JSON or a compact form.

package import DICOMVocabulary
package import FoundationEssentials
import Glibc

/// A message of one direction. All of them have a form in JSON, and those that go with every instance a compact one.
package protocol ChannelMessage: Codable, Sendable {
    /// nil for a message that travels as JSON.
    var compact: CompactWriter? { get }
    init(form: UInt8, from reader: inout CompactReader) throws(Failure)
}

/// Turns messages into frames and back. Length and content come from the other half of the program, which may have
/// been taken over by what it reads, so both are judged.
package enum Framing {
    /// Bytes in one frame. The largest real message, a restore job with its UID pairs, is far below it.
    package static let maximumLength = 16 << 20

    package static func encode(_ message: some ChannelMessage) throws(Failure) -> [UInt8] {
        if let compact = message.compact {
            try checkLength(compact.length, maximumLength)
            return compact.frame()
        }
        let body: Data
        do {
            body = try JSONEncoder().encode(message)
        } catch {
            throw Failure(.unexpected, .person, .instance, detail: "a message could not be encoded")
        }
        return try frame(body)
    }

    /// The body behind its length; fails when it has more than `maximum` bytes.
    package static func frame(_ body: Data, maximum: Int = maximumLength) throws(Failure) -> [UInt8] {
        try checkLength(body.count, maximum)
        let length = UInt32(body.count)
        return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: length >> $0) } + body
    }

    private static func checkLength(_ length: Int, _ maximum: Int) throws(Failure) {
        guard length <= maximum else {
            throw Failure(.tooLarge, .person, .instance, detail: "a message of \(length) bytes between processes")
        }
    }

    /// Sends all of a frame over a blocking socket: 0, or the `errno` that ended it.
    package static func send(_ frame: [UInt8], on socket: CInt) -> CInt {
        var sent = 0
        while sent < frame.count {
            let count = frame.withUnsafeBytes { bytes in
                DescriptorPassing.send(
                    UnsafeRawBufferPointer(rebasing: bytes[sent...]), passing: nil, on: socket, flags: 0)
            }
            guard count > 0 else { return errno }
            sent += count
        }
        return 0
    }

    package static func decode<Message: ChannelMessage>(
        _ type: Message.Type, from body: [UInt8]
    ) throws(Failure) -> Message {
        if let form = body.first, form < CompactWriter.firstOfJSON {
            var reader = CompactReader(body)
            let message = try Message(form: form, from: &reader)
            try reader.finish()
            return message
        }
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
    private let maximum: Int

    package init(maximum: Int = Framing.maximumLength) { self.maximum = maximum }

    package mutating func append(_ more: UnsafeRawBufferPointer) {
        if start > 0, start == bytes.count || start > 1 << 16 {
            bytes.removeFirst(start)
            start = 0
        }
        bytes.append(contentsOf: more)
    }

    /// Whether `next` has something to give, or to refuse.
    package var holdsFrame: Bool {
        guard bytes.count - start >= 4 else { return false }
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        return length > maximum || bytes.count - start - 4 >= length
    }

    /// What is in the next whole frame, or nil when more bytes are needed. Fails for a length beyond the bound, after
    /// which nothing on this channel can be believed.
    package mutating func next() throws(Failure) -> [UInt8]? {
        guard bytes.count - start >= 4 else { return nil }
        let length = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximum else {
            throw Failure(.tooLarge, .tryAgain, .instance, detail: "a frame of \(length) bytes between processes")
        }
        guard bytes.count - start - 4 >= length else { return nil }
        let body = Array(bytes[start + 4..<start + 4 + length])
        start += 4 + length
        return body
    }
}
