// Text with code extensions (ISO/IEC 2022, PS3.5 6.1.2.5), byte by byte.

/// What stands between escape sequences. A character of two bytes may have a backslash, a caret or an equals sign as
/// its second one, so that such a value cannot be cut at these.
enum EscapedText {
    /// The runs of characters beyond ASCII in each component of a value of PN, without their escapes; family and given
    /// name run together too.
    static func parts(of value: [UInt8]) -> [[UInt8]] {
        var groups: [[[UInt8]]] = [[[]]]
        var index = 0
        var isDouble = false
        while index < value.count {
            let byte = value[index]
            if byte == 0x1B {
                // ESC, intermediate bytes, a final one.
                var end = index + 1
                while end < value.count, (0x20...0x2F).contains(value[end]) { end += 1 }
                // `$` designates a set of two bytes, `)` to the half that has the high bit.
                let isSet = end < value.count && index + 1 < value.count
                if isSet, !value[index + 1..<end].contains(0x29) { isDouble = value[index + 1] == 0x24 }
                index = end + 1
            } else if isDouble {
                append(value[index..<min(index + 2, value.count)], &groups)
                index += 2
            } else {
                switch byte {
                case 0x5C, 0x3D: groups.append([[]])
                case 0x5E: groups[groups.count - 1].append([])
                case 0x80...: append(value[index...index], &groups)
                default: break
                }
                index += 1
            }
        }
        return groups.flatMap { components in components + (components.count > 1 ? [components[0] + components[1]] : [])
        }
        .filter { !$0.isEmpty }
    }

    private static func append(_ bytes: ArraySlice<UInt8>, _ groups: inout [[[UInt8]]]) {
        let group = groups.count - 1
        groups[group][groups[group].count - 1] += bytes
    }
}
