// Tokens in text: good ones, damaged ones, and those that something stands inside of.

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

    /// What the bytes are. By chance random ones hold anything that is looked for loosely.
    enum Reading {
        /// Text that people write and systems wrap: a token may stand inside a word, in full-width letters, and be cut any
        /// number of times by whatever is no letter or digit.
        case text
        /// Bytes of any meaning: a token begins with a word, and one line break, hyphen, space or point may cut it.
        case bytes
    }

    /// The longest gap inside a token, in bytes: a line break and an indentation, say.
    private static let maximumGap = 32

    /// Every string with the shape of a token, good or damaged by one character: exchanged, missing or one too many, in
    /// the prefix, the payload or the check. Capitals and small letters count alike. A token that is cut more than once must
    /// be good: its check character proves that it is one. Linear in time.
    static func matches(in bytes: [UInt8], as reading: Reading = .text) -> [Match] {
        var all: [Match] = []
        var index = 0
        while index < bytes.count {
            guard let first = letter(bytes, index, reading) else {
                index += 1
                continue
            }
            let match =
                good(bytes, index, reading)
                ?? (isStart(bytes, index, reading) || all.last?.range.upperBound == index
                    ? near(run(bytes, index, reading)) ?? damagedHalves(bytes, index, reading) : nil)
            if let match {
                all.append(match)
                // What follows a token without a gap may be another one.
                index = match.range.upperBound
            } else if reading == .text {
                index += first.width
            } else {
                while let next = letter(bytes, index, reading) { index += next.width }
            }
        }
        return all
    }

    // MARK: Letters

    /// An ASCII letter in capitals or a digit, and how many bytes it takes: three in full width (U+FF10 to U+FF5A, UTF-8).
    private static func letter(_ bytes: [UInt8], _ index: Int, _ reading: Reading) -> (byte: UInt8, width: Int)? {
        guard index < bytes.count else { return nil }
        let byte = bytes[index]
        if IdentifierPatterns.isAlphanumeric(byte) { return (capital(byte), 1) }
        guard reading == .text, byte == 0xEF, index + 2 < bytes.count else { return nil }
        switch (bytes[index + 1], bytes[index + 2]) {
        case (0xBC, 0x90...0x99): return (bytes[index + 2] - 0x60, 3)
        case (0xBC, 0xA1...0xBA): return (bytes[index + 2] - 0x60, 3)
        case (0xBD, 0x81...0x9A): return (bytes[index + 2] - 0x40, 3)
        default: return nil
        }
    }

    private static func capital(_ byte: UInt8) -> UInt8 { (0x61...0x7A).contains(byte) ? byte & 0xDF : byte }

    /// Whether no letter stands right before.
    private static func isStart(_ bytes: [UInt8], _ index: Int, _ reading: Reading) -> Bool {
        if index >= 1, IdentifierPatterns.isAlphanumeric(bytes[index - 1]) { return false }
        return index < 3 || letter(bytes, index - 3, reading)?.width != 3
    }

    // MARK: Tokens

    /// A whole token that begins here, perhaps with gaps.
    private static func good(_ bytes: [UInt8], _ start: Int, _ reading: Reading) -> Match? {
        guard letter(bytes, start, reading)?.byte == prefix[0] else { return nil }
        var string: [UInt8] = []
        var index = start
        var gaps = 0
        while string.count < Token.length {
            if let next = letter(bytes, index, reading) {
                let isPrefix = string.count < prefix.count
                guard isPrefix ? next.byte == prefix[string.count] : isPayload[Int(next.byte)] else { return nil }
                string.append(next.byte)
                index += next.width
            } else {
                guard let end = gap(bytes, index, reading), reading == .text || gaps == 0 && string.count >= 2 else {
                    return nil
                }
                gaps += 1
                index = end
            }
        }
        let match = Match(range: start..<index, string: String(decoding: string, as: UTF8.self))
        guard match.isGood else { return nil }
        // Of words and numbers a token is put together by chance only where nothing else says where it ends.
        if gaps > 0, !isStart(bytes, start, reading) || letter(bytes, index, reading) != nil { return nil }
        return match
    }

    /// A token with one wrong character that something cuts once: eleven letters and digits, of which ten and more are none of
    /// A, E, I, L, O, U, Y and 0, 1 and 6 to 9, are no words and no numbers.
    private static func damagedHalves(_ bytes: [UInt8], _ start: Int, _ reading: Reading) -> Match? {
        guard reading == .text else { return nil }
        let first = run(bytes, start, reading)
        guard first.letters.count >= 2, first.letters.count < Token.length - 1,
            let next = gap(bytes, first.range.upperBound, reading)
        else { return nil }
        let second = run(bytes, next, reading)
        let letters = first.letters + second.letters
        guard second.letters.count >= 2, letters.count == Token.length, isNear(letters) else { return nil }
        return Match(range: start..<second.range.upperBound, string: String(decoding: letters, as: UTF8.self))
    }

    /// The end of what stands between two letters here, or nil when it is too long, or nothing that cuts a token.
    private static func gap(_ bytes: [UInt8], _ start: Int, _ reading: Reading) -> Int? {
        var index = start
        while index < bytes.count, index - start <= maximumGap {
            if letter(bytes, index, reading) != nil { return index }
            guard reading == .text || [0x0A, 0x0D, 0x20, 0x2D, 0x2E, 0x5F].contains(bytes[index]) else { return nil }
            index += 1
        }
        return nil
    }

    /// The letters from here on, as far as they matter, and where they end.
    private static func run(_ bytes: [UInt8], _ start: Int, _ reading: Reading) -> (letters: [UInt8], range: Range<Int>)
    {
        var letters: [UInt8] = []
        var index = start
        while letters.count <= Token.length + 1, let next = letter(bytes, index, reading) {
            letters.append(next.byte)
            index += next.width
        }
        return (letters, start..<index)
    }

    private static func near(_ run: (letters: [UInt8], range: Range<Int>)) -> Match? {
        isNear(run.letters)
            ? Match(range: run.range, string: String(decoding: run.letters, as: UTF8.self)) : nil
    }

    private static let prefix = Array(Token.prefix.utf8)
    private static let isPayload: [Bool] = (0...255).map { Token.alphabet.contains(UInt8($0)) }

    /// Whether one character separates the text from the shape of a token.
    private static func isNear(_ text: [UInt8]) -> Bool {
        let alphabet = Token.alphabet
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
        String(decoding: bytes.map(capital), as: UTF8.self)
    }
}
