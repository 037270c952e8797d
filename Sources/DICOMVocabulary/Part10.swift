// The head of a DICOM file (PS3.10 section 7.1).

package enum Part10 {
    /// Preamble, prefix and file meta information for a data set that follows byte for byte as it came: 128 zero bytes,
    /// `DICM`, group 0002 in explicit VR little endian. Its length is even, as that of every data set is.
    package static func meta(sopClass: UID, sopInstance: UID, transferSyntax: TransferSyntax) -> [UInt8] {
        var group: [UInt8] = []
        // File Meta Information Version has a long length field (PS3.5 7.1.2).
        group += [0x02, 0x00, 0x01, 0x00, UInt8(ascii: "O"), UInt8(ascii: "B"), 0, 0, 2, 0, 0, 0, 0x00, 0x01]
        append(0x0002, "UI", sopClass.string, pad: 0, to: &group)
        append(0x0003, "UI", sopInstance.string, pad: 0, to: &group)
        append(0x0010, "UI", transferSyntax.uid.string, pad: 0, to: &group)
        append(0x0012, "UI", Implementation.classUID.string, pad: 0, to: &group)
        append(0x0013, "SH", Implementation.versionName, pad: 0x20, to: &group)

        var bytes = [UInt8](repeating: 0, count: 128) + Array("DICM".utf8)
        bytes += [0x02, 0x00, 0x00, 0x00, UInt8(ascii: "U"), UInt8(ascii: "L"), 4, 0]
        bytes += (0..<4).map { UInt8(truncatingIfNeeded: group.count >> (8 * $0)) }
        return bytes + group
    }

    private static func append(_ element: UInt8, _ vr: String, _ text: String, pad: UInt8, to bytes: inout [UInt8]) {
        // Longer values than a 16-bit length can tell are not UIDs; what is cut off could not be read anyway.
        var value = Array(text.utf8.prefix(0xFFFE))
        if value.count % 2 == 1 { value.append(pad) }
        bytes += [0x02, 0x00, element, 0x00] + Array(vr.utf8)
        bytes += [UInt8(truncatingIfNeeded: value.count), UInt8(truncatingIfNeeded: value.count >> 8)]
        bytes += value
    }
}
