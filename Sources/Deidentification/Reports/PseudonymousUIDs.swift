// UIDs with the form of a pseudonym, wherever they stand.

internal import DICOMVocabulary

enum PseudonymousUIDs {
    /// Those of the form `2.25.…` in running text, with their offsets.
    static func matches(in bytes: [UInt8]) -> [(range: Range<Int>, uid: UID)] {
        var all: [(Range<Int>, UID)] = []
        var index = 0
        while index < bytes.count {
            let start = index
            while index < bytes.count, bytes[index] == 0x2E || (0x30...0x39).contains(bytes[index]) { index += 1 }
            var end = index
            while end > start, bytes[end - 1] == 0x2E { end -= 1 }
            if bytes[start..<end].starts(with: "2.25.".utf8) {
                all.append((start..<end, UID(String(decoding: bytes[start..<end], as: UTF8.self))))
            }
            index = max(index, start + 1)
        }
        return all
    }

    /// Those in bytes of any meaning, also where each letter takes two.
    static func all(in bytes: [UInt8]) -> [UID] {
        let plain = matches(in: bytes).map(\.uid)
        guard bytes.contains(0) else { return plain }
        return plain + matches(in: bytes.filter { $0 != 0 }).map(\.uid)
    }
}
