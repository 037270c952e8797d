// Numbers as people write them, and dates as DICOM does.

internal import DICOMVocabulary

/// Digits and the signs between them in other forms than ASCII's.
enum WrittenNumbers {
    /// The value with full-width letters and digits and all kinds of spaces and dashes as ASCII; nil where it has none.
    static func plain(_ value: UnsafeRawBufferPointer) -> [UInt8]? {
        guard value.contains(where: { $0 >= 0x80 }) else { return nil }
        if let text = String(validating: value, as: UTF8.self) {
            var changed = false
            var result: [UInt8] = []
            result.reserveCapacity(value.count)
            for scalar in text.unicodeScalars {
                if isInvisible(scalar.value) {
                    changed = true
                } else if let byte = ascii(scalar.value) {
                    changed = true
                    result.append(byte)
                } else {
                    result += UTF8.encode(scalar).map(Array.init) ?? []
                }
            }
            return changed ? result : nil
        }
        return plainBytes(Array(value))
    }

    /// Soft hyphens, joiners and marks of direction: nobody sees them.
    private static func isInvisible(_ scalar: UInt32) -> Bool {
        switch scalar {
        case 0xAD, 0x200B...0x200F, 0x202A...0x202E, 0x2060...0x2064, 0xFEFF: true
        default: false
        }
    }

    private static func ascii(_ scalar: UInt32) -> UInt8? {
        switch scalar {
        case 0xA0, 0x2000...0x200A, 0x202F, 0x205F, 0x3000: 0x20
        case 0xB4, 0x2BC, 0x2018, 0x2019, 0x2032: 0x27
        case 0x2010...0x2015, 0x2043, 0x2212, 0xFE58, 0xFE63: 0x2D
        case 0xFF01...0xFF5E: UInt8(scalar - 0xFEE0)
        case 0x660...0x669: UInt8(scalar - 0x660 + 0x30)
        case 0x6F0...0x6F9: UInt8(scalar - 0x6F0 + 0x30)
        default: nil
        }
    }

    /// Of a set of one byte: no-break space, soft hyphen, the dashes and apostrophes of Windows; of GB 2312 and KS X 1001: their digits.
    private static func plainBytes(_ value: [UInt8]) -> [UInt8]? {
        var result = value.filter { $0 != 0xAD }
        for index in result.indices {
            switch result[index] {
            case 0xA0: result[index] = 0x20
            case 0x96, 0x97: result[index] = 0x2D
            case 0x91, 0x92, 0xB4: result[index] = 0x27
            default: break
            }
        }
        var merged: [UInt8] = []
        var index = 0
        while index < result.count {
            if result[index] == 0xA3, index + 1 < result.count, (0xB0...0xB9).contains(result[index + 1]) {
                merged.append(result[index + 1] - 0x80)
                index += 2
            } else {
                merged.append(result[index])
                index += 1
            }
        }
        return merged == value ? nil : merged
    }
}

/// Whether DA, TM and DT hold what they are for (PS3.5 6.2).
enum TemporalValue {
    static func isWellFormed(_ value: UnsafeRawBufferPointer, _ vr: VR) -> Bool {
        // HHMMSS.FFFFFF, in every object several times.
        if vr == .TM, value.count > 6, value.count <= 14, value[6] == 0x2E, value[0] < 0x32,
            value.indices.allSatisfy({ $0 == 6 || isDigit(value[$0]) || value[$0] == 0x20 && $0 > 6 })
        {
            return true
        }
        return value.split(separator: 0x5C).allSatisfy { part in
            // An offset from universal time follows a sign, in DT alone.
            let text = part.filter { $0 != 0x20 && $0 != 0 }
            let main = text.split(maxSplits: 1) { $0 == 0x2B || $0 == 0x2D }
            guard let first = main.first else { return true }
            if main.count > 1, vr != .DT || !isOffset(main[1]) { return false }
            let pieces = first.split(separator: 0x2E, omittingEmptySubsequences: false)
            guard pieces.count <= 2, pieces.allSatisfy({ $0.allSatisfy(isDigit) }),
                pieces.count == 1 || (1...6).contains(pieces[1].count)
            else { return false }
            let digits = pieces[0].map { Int($0) - 0x30 }
            if vr == .DA, digits.count != 8 { return false }
            return vr == .TM ? isTime(digits) : isDate(Array(digits.prefix(8))) && isTime(Array(digits.dropFirst(8)))
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }

    /// Hours and quarters of one; anything else in its place may be the end of a personal number.
    private static func isOffset(_ digits: some Collection<UInt8>) -> Bool {
        guard digits.count == 4, digits.allSatisfy(isDigit) else { return false }
        let number = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return number <= 1400 && (number % 100).isMultiple(of: 15) && number % 100 < 60
    }

    private static func isDate(_ digits: [Int]) -> Bool {
        guard digits.count >= 4, digits.count % 2 == 0 else { return false }
        guard digits.count >= 6 else { return true }
        guard (1...12).contains(digits[4] * 10 + digits[5]) else { return false }
        return digits.count < 8 || (1...31).contains(digits[6] * 10 + digits[7])
    }

    /// A second of 60 is a leap second.
    private static func isTime(_ digits: [Int]) -> Bool {
        guard digits.count <= 6, digits.count % 2 == 0 else { return false }
        return zip(stride(from: 0, to: digits.count, by: 2), [23, 59, 60]).allSatisfy {
            digits[$0] * 10 + digits[$0 + 1] <= $1
        }
    }
}
