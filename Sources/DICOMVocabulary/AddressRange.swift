// Source addresses that an admission rule names.

/// An IPv4 or IPv6 network in CIDR notation, or a single address.
package struct AddressRange: Hashable, Sendable, Codable, CustomStringConvertible {
    private let bytes: [UInt8]
    private let prefixLength: Int
    package let description: String

    /// `10.1.2.0/24`, `10.1.2.3`, `fd00::/8`, `::1`. Fails for anything else, host names included.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = parts.first, let bytes = Self.parse(String(address)) else { return nil }
        var length = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), (0...length).contains(given) else { return nil }
            length = given
        }
        self.bytes = bytes
        prefixLength = length
        description = text
    }

    /// Whether a peer's address, as `getnameinfo` prints it, is in the range. An IPv4-mapped IPv6 address
    /// (`::ffff:10.1.2.3`) is judged as the IPv4 address it is.
    package func contains(_ address: String) -> Bool {
        guard var other = Self.parse(address) else { return false }
        if other.count == 16, bytes.count == 4, other[0..<10].allSatisfy({ $0 == 0 }), other[10] == 255,
            other[11] == 255
        {
            other = Array(other[12...])
        }
        guard other.count == bytes.count else { return false }
        for bit in 0..<prefixLength where (bytes[bit / 8] ^ other[bit / 8]) & (0x80 >> UInt8(bit % 8)) != 0 {
            return false
        }
        return true
    }

    private static func parse(_ text: String) -> [UInt8]? {
        text.contains(":") ? parseIPv6(text) : parseIPv4(text)
    }

    private static func parseIPv4(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { $0.isEmpty || ($0.count > 1 && $0.first == "0") ? nil : UInt8($0) }
        return bytes.count == 4 ? bytes : nil
    }

    private static func parseIPv6(_ text: String) -> [UInt8]? {
        var text = text
        var tail: [UInt8] = []
        if let colon = text.lastIndex(of: ":"), text[colon...].contains(".") {
            guard let ipv4 = parseIPv4(String(text[text.index(after: colon)...])) else { return nil }
            tail = ipv4
            text = String(text[...colon]) + "x"
        }
        let halves = text.split(separator: "::", maxSplits: 1, omittingEmptySubsequences: false)
        func groups(_ half: Substring) -> [UInt8]? {
            if half.isEmpty { return [] }
            var result: [UInt8] = []
            for group in half.split(separator: ":", omittingEmptySubsequences: false) {
                if group == "x" {
                    result += tail
                } else {
                    guard group.count <= 4, let value = UInt16(group, radix: 16) else { return nil }
                    result += [UInt8(value >> 8), UInt8(value & 0xFF)]
                }
            }
            return result
        }
        guard let front = halves.first.flatMap({ groups($0) }) else { return nil }
        if halves.count == 1 { return front.count == 16 ? front : nil }
        guard let back = groups(halves[1]), front.count + back.count <= 14 else { return nil }
        return front + [UInt8](repeating: 0, count: 16 - front.count - back.count) + back
    }

    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let range = AddressRange(text) else {
            throw DecodingError.dataCorrupted(
                .init(codingPath: decoder.codingPath, debugDescription: "not an address or a network"))
        }
        self = range
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
