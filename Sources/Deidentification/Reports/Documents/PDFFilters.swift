// The simple filters of PDF streams (ISO 32000-1, 7.4).

enum PDFFilters {
    static func hexadecimal(_ digits: ArraySlice<UInt8>) -> [UInt8] {
        var values: [UInt8] = []
        for byte in digits {
            switch byte {
            case 0x30...0x39: values.append(byte - 0x30)
            case 0x41...0x46: values.append(byte - 0x41 + 10)
            case 0x61...0x66: values.append(byte - 0x61 + 10)
            default: break
            }
        }
        if !values.count.isMultiple(of: 2) { values.append(0) }
        return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
    }

    static func ascii85(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        var output: [UInt8] = []
        var group: [UInt32] = []
        func flush() -> Bool {
            guard group.count > 1 else { return group.isEmpty }
            let count = group.count
            let padded = group + [UInt32](repeating: 84, count: 5 - count)
            let value = padded.reduce(UInt64(0)) { $0 * 85 + UInt64($1) }
            guard value <= UInt64(UInt32.max) || count < 5 else { return false }
            for shift in [24, 16, 8, 0].prefix(count - 1) { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
            group = []
            return true
        }
        for byte in text {
            switch byte {
            case UInt8(ascii: "~"): return flush() ? output : nil
            case UInt8(ascii: "z") where group.isEmpty: output += [0, 0, 0, 0]
            case 0x21...0x75:
                group.append(UInt32(byte - 0x21))
                if group.count == 5, !flush() { return nil }
            default: guard PDFFile.isSpace(byte) else { return nil }
            }
        }
        return flush() ? output : nil
    }

    /// PNG prediction with one byte per sample; nil for what is none.
    static func unpredicted(_ data: ArraySlice<UInt8>, columns: Int) -> [UInt8]? {
        guard columns > 0, columns <= 1 << 20, data.count.isMultiple(of: columns + 1) else { return nil }
        var output: [UInt8] = []
        var above = [UInt8](repeating: 0, count: columns)
        var position = data.startIndex
        while position < data.endIndex {
            let kind = data[position]
            var row = Array(data[position + 1...position + columns])
            for index in row.indices {
                let left = index > 0 ? row[index - 1] : 0
                let corner = index > 0 ? above[index - 1] : 0
                switch kind {
                case 0: break
                case 1: row[index] &+= left
                case 2: row[index] &+= above[index]
                case 3: row[index] &+= UInt8((Int(left) + Int(above[index])) / 2)
                case 4: row[index] &+= paeth(left, above[index], corner)
                default: return nil
                }
            }
            output += row
            above = row
            position += columns + 1
        }
        return output
    }

    private static func paeth(_ left: UInt8, _ above: UInt8, _ corner: UInt8) -> UInt8 {
        let estimate = Int(left) + Int(above) - Int(corner)
        let (a, b, c) = (abs(estimate - Int(left)), abs(estimate - Int(above)), abs(estimate - Int(corner)))
        return a <= b && a <= c ? left : b <= c ? above : corner
    }
}
