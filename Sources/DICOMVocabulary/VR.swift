// Value representations (PS3.5 section 6.2).

/// A value representation. `unknown` stands for two letters that PS3.5 Table 6.2-1 does not list.
package enum VR: String, Hashable, Sendable, Codable, CaseIterable {
    // The two letters of the standard are the names that every reader knows.
    // swift-format-ignore: AlwaysUseLowerCamelCase
    case AE, AS, AT, CS, DA, DS, DT, FL, FD, IS, LO, LT, OB, OD, OF, OL, OV, OW, PN, SH, SL, SQ, SS, ST, SV, TM, UC, UI,
        UL, UN, UR, US, UT, UV
    case unknown = "??"

    /// By its two letters as they stand in explicit VR; nil for letters that PS3.5 Table 6.2-1 does not list.
    package init?(letters: (UInt8, UInt8)) {
        guard Self.capitals.contains(letters.0), Self.capitals.contains(letters.1),
            let known = Self.byLetters[Self.index(letters)]
        else { return nil }
        self = known
    }

    private static let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")

    private static func index(_ letters: (UInt8, UInt8)) -> Int {
        Int(letters.0 - capitals.lowerBound) * capitals.count + Int(letters.1 - capitals.lowerBound)
    }

    /// Every element of every data set is looked up here, some several times.
    private static let byLetters: [VR?] = {
        var table = [VR?](repeating: nil, count: capitals.count * capitals.count)
        for vr in allCases where vr != .unknown {
            let letters = Array(vr.rawValue.utf8)
            table[index((letters[0], letters[1]))] = vr
        }
        return table
    }()

    /// In explicit VR these have two reserved bytes and a 32-bit length (PS3.5 7.1.2).
    package var hasLongLength: Bool {
        switch self {
        case .OB, .OD, .OF, .OL, .OV, .OW, .SQ, .SV, .UC, .UN, .UR, .UT, .UV: true
        default: false
        }
    }

    /// Text in the repertoire of Specific Character Set (PS3.5 6.1.2.2): SH, LO, ST, LT, UC, UT and PN.
    package var isLocalisedText: Bool {
        switch self {
        case .SH, .LO, .ST, .LT, .UC, .UT, .PN: true
        default: false
        }
    }

    /// A value that is a string of characters, localised or of the default repertoire.
    package var isText: Bool {
        switch self {
        case .AE, .AS, .CS, .DA, .DS, .DT, .IS, .TM, .UI, .UR: true
        default: isLocalisedText
        }
    }
}
