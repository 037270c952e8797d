// Tokens in text: good ones, damaged ones, and those that a line break cut in two.

internal import DICOMVocabulary

enum TokenSearch {
    /// Something with the shape of a token.
    struct Match: Hashable {
        /// Offsets into the bytes searched.
        let range: Range<Int>
        /// In capitals, without what stood inside it.
        let string: String
        var isGood: Bool { Token(string) != nil }
    }

    /// Every string with the shape of a token, good or damaged by one character: exchanged, missing or one too many, in
    /// the prefix, the payload or the check. Capitals and small letters count alike.
    static func matches(in bytes: [UInt8]) -> [Match] {
        var all: [Match] = []
        var index = 0
        while index < bytes.count {
            guard isAlphanumeric(bytes[index]) else {
                index += 1
                continue
            }
            let start = index
            while index < bytes.count, isAlphanumeric(bytes[index]) { index += 1 }
            if let match = whole(bytes, start..<index) ?? cut(bytes, start..<index) {
                all.append(match)
                // What follows a token without a gap may be another one.
                index = match.range.upperBound
            }
        }
        return all
    }

    /// The run as a token, or as one with something run into its end ("AP…cm").
    private static func whole(_ bytes: [UInt8], _ run: Range<Int>) -> Match? {
        guard run.count >= Token.length - 1 else { return nil }
        if run.count > Token.length {
            let head = run.lowerBound..<run.lowerBound + Token.length
            if Token(capitals(bytes[head])) != nil { return Match(range: head, string: capitals(bytes[head])) }
        }
        let text = Array(capitals(bytes[run]).utf8)
        return isNear(text) ? Match(range: run, string: String(decoding: text, as: UTF8.self)) : nil
    }

    /// A token that goes on after a line break, a hyphen, a space or a point: its check character proves that it is one.
    private static func cut(_ bytes: [UInt8], _ run: Range<Int>) -> Match? {
        guard run.count >= 2, run.count < Token.length, capitals(bytes[run].prefix(2)) == Token.prefix else {
            return nil
        }
        var next = run.upperBound
        while next < bytes.count, [0x0A, 0x0D, 0x20, 0x2D, 0x2E, 0x5F].contains(bytes[next]) { next += 1 }
        let end = next + Token.length - run.count
        guard next > run.upperBound, end <= bytes.count, end == bytes.count || !isAlphanumeric(bytes[end]) else {
            return nil
        }
        let string = capitals(bytes[run] + bytes[next..<end])
        return Token(string) == nil ? nil : Match(range: run.lowerBound..<end, string: string)
    }

    /// Whether one character separates the text from the shape of a token.
    private static func isNear(_ text: [UInt8]) -> Bool {
        let alphabet = Token.alphabet
        let prefix = Array(Token.prefix.utf8)
        func fits(_ candidate: some Collection<UInt8>) -> Bool {
            candidate.count == Token.length && candidate.starts(with: prefix)
                && candidate.dropFirst(2).allSatisfy(alphabet.contains)
        }
        switch text.count {
        case Token.length:
            var errors = 0
            for (index, byte) in text.enumerated() {
                if index < 2 ? byte != prefix[index] : !alphabet.contains(byte) { errors += 1 }
            }
            return errors <= 1
        case Token.length - 1:
            // One missing: of the prefix, or of the rest.
            if text.starts(with: prefix) { return text.dropFirst(2).allSatisfy(alphabet.contains) }
            return prefix.contains(text[0]) && text.dropFirst(1).allSatisfy(alphabet.contains)
        case Token.length + 1:
            return text.indices.contains { index in
                var candidate = text
                candidate.remove(at: index)
                return fits(candidate)
            }
        default: return false
        }
    }

    static func capitals(_ bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.map { (0x61...0x7A).contains($0) ? $0 & 0xDF : $0 }, as: UTF8.self)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool { IdentifierPatterns.isAlphanumeric(byte) }
}
