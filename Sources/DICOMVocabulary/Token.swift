// The written form of a pseudonym.

/// A pseudonym as it stands in a data set: `AP`, ten characters of payload, one check character, 13 in all, so that it
/// fits SH (16) and LO (64). The alphabet has no vowels and no characters that are mistaken for one another, so that a
/// token is never a word, and `AP` plus the check character make a chance match in free text rarer than one in 10^15.
package struct Token: Hashable, Sendable, Codable {
    package static let prefix = "AP"
    package static let payloadLength = 10
    package static let length = 13
    /// 23 characters, a prime number, so that the check finds every single error and every swap of neighbours.
    package static let alphabet = Array("BCDFGHJKMNPQRSTVWXZ2345".utf8)

    package let string: String

    /// Makes a token from at least 16 bytes of keyed pseudo-random material.
    package init(material: some Sequence<UInt8>) {
        // A running value over base 23; 16 bytes hold far more than the 45 bits that ten characters carry.
        var payload: [UInt8] = []
        var bytes = Array(material.prefix(16))
        for _ in 0..<Self.payloadLength {
            var remainder = 0
            for index in bytes.indices {
                let value = remainder << 8 | Int(bytes[index])
                bytes[index] = UInt8(value / Self.alphabet.count)
                remainder = value % Self.alphabet.count
            }
            payload.append(Self.alphabet[remainder])
        }
        string = Self.prefix + String(decoding: payload + [Self.check(payload)], as: UTF8.self)
    }

    /// Only for a text that is exactly one undamaged token.
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == Self.length, bytes.starts(with: Self.prefix.utf8) else { return nil }
        let payload = bytes[2..<12]
        guard payload.allSatisfy(Self.alphabet.contains), Self.check(payload) == bytes[12] else { return nil }
        string = String(decoding: bytes, as: UTF8.self)
    }

    /// Weighted sum modulo 23 (the scheme of ISO 7064's pure systems with distinct weights 2…11).
    private static func check(_ payload: some Sequence<UInt8>) -> UInt8 {
        var sum = 0
        for (index, byte) in payload.enumerated() { sum += (index + 2) * (alphabet.firstIndex(of: byte) ?? 0) }
        return alphabet[sum % alphabet.count]
    }
}
