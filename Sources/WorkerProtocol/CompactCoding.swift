// Numbers and texts one after the other, for messages that go with every instance.

import DICOMVocabulary

/// A value of fixed fields in a fixed order, none of them named: keyed JSON costs such a message more than all that is
/// done with it. Both ends are always the same executable; still each message begins with its form's own number, so
/// that other fields get another number.
protocol CompactCodable {
    init(from reader: inout CompactReader) throws(Failure)
    func encode(to writer: inout CompactWriter)
}

package struct CompactWriter {
    /// Numbers of forms are smaller; every message in JSON begins with a brace.
    static let firstOfJSON: UInt8 = 0x20

    /// The first four are the frame's length.
    private var bytes: [UInt8]

    init(_ form: UInt8) {
        bytes = [0, 0, 0, 0, form]
        bytes.reserveCapacity(1024)
    }

    var length: Int { bytes.count - 4 }

    mutating func put(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
    }

    mutating func put(_ value: Bool) { bytes.append(value ? 1 : 0) }

    mutating func put(_ value: [UInt8]) {
        put(UInt32(truncatingIfNeeded: value.count))
        bytes.append(contentsOf: value)
    }

    mutating func put(_ text: String) {
        put(UInt32(truncatingIfNeeded: text.utf8.count))
        bytes.append(contentsOf: text.utf8)
    }

    mutating func put(_ uid: UID) { put(uid.string) }

    mutating func put(_ values: some Collection<some CompactCodable>) {
        put(UInt32(truncatingIfNeeded: values.count))
        for value in values { value.encode(to: &self) }
    }

    /// The frame with its length in front (see `Framing`).
    consuming func frame() -> [UInt8] {
        let length = UInt32(truncatingIfNeeded: length)
        for index in 0..<4 { bytes[index] = UInt8(truncatingIfNeeded: length >> (24 - 8 * index)) }
        return bytes
    }
}

/// What it reads came from the other half of the program, which may have been taken over: every length is held against
/// what is there, and nothing may be left over.
package struct CompactReader {
    private let bytes: [UInt8]
    private var position = 1

    /// After the form's number.
    init(_ body: [UInt8]) { bytes = body }

    private var left: Int { bytes.count - position }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Failure) -> Number {
        let size = MemoryLayout<Number>.size
        guard left >= size else { throw Self.misunderstood }
        defer { position += size }
        return bytes.withUnsafeBytes {
            Number(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Number.self))
        }
    }

    mutating func flag() throws(Failure) -> Bool {
        let value: UInt8 = try number()
        guard value <= 1 else { throw Self.misunderstood }
        return value == 1
    }

    private mutating func slice() throws(Failure) -> ArraySlice<UInt8> {
        let count = Int(try number(UInt32.self))
        guard count <= left else { throw Self.misunderstood }
        defer { position += count }
        return bytes[position..<position + count]
    }

    mutating func data() throws(Failure) -> [UInt8] { Array(try slice()) }

    mutating func text() throws(Failure) -> String {
        guard let text = String(validating: try slice(), as: UTF8.self) else { throw Self.misunderstood }
        return text
    }

    mutating func uid() throws(Failure) -> UID { UID(try text()) }

    /// No value takes less than a byte, so a count cannot ask for more memory than the frame has.
    mutating func values<Value: CompactCodable>(_: Value.Type = Value.self) throws(Failure) -> [Value] {
        let count = Int(try number(UInt32.self))
        guard count <= left else { throw Self.misunderstood }
        var values: [Value] = []
        for _ in 0..<count { values.append(try Value(from: &self)) }
        return values
    }

    func finish() throws(Failure) {
        guard left == 0 else { throw Self.misunderstood }
    }

    /// Without a word of the content.
    static let misunderstood = Failure(
        .unexpected, .tryAgain, .instance, detail: "a message between processes was not understood")
}
