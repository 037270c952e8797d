// The file meta information of a Part 10 file (PS3.10 section 7.1).

extension HeaderScanner {
    private static let maximumMetaElements = 256

    /// Reads preamble, prefix and group 0002, which is explicit VR little endian whatever follows, and says where the
    /// data set begins.
    static func readMeta(_ window: inout ScanWindow) throws(Failure) -> (FileMeta, Int64) {
        guard window.count >= 132, try window.bytes(at: 128, count: 4) == Array("DICM".utf8) else {
            throw unwalkable("no DICM prefix at byte 128")
        }
        var position: Int64 = 132
        var values: [UInt16: UID] = [:]
        var groupEnd: Int64?
        var elements = 0
        while window.count - position >= 8 {
            let tag = try window.tag(at: position, bigEndian: false)
            guard tag.group == 0x0002 else { break }
            // A data set that begins with group 0002 must not be taken for more meta information.
            if let groupEnd, position >= groupEnd {
                throw unwalkable("\(tag) stands behind the file meta information")
            }
            elements += 1
            guard elements <= maximumMetaElements else {
                throw unwalkable("more than \(maximumMetaElements) elements in group 0002")
            }
            let letters = try window.letters(at: position + 4)
            let vr = ExplicitVR(letters)
            var length = Int64(try window.uint16(at: position + 6, bigEndian: false))
            var start = position + 8
            if vr.hasLongLength {
                guard window.count - position >= 12 else { throw unwalkable("\(tag) is cut off") }
                length = Int64(try window.uint32(at: position + 8, bigEndian: false))
                start = position + 12
            }
            guard length <= window.count - start else { throw unwalkable("\(tag) overruns the file") }
            switch tag.element {
            case 0x0000 where length == 4:
                groupEnd = start + 4 + Int64(try window.uint32(at: start, bigEndian: false))
            case 0x0002, 0x0003, 0x0010:
                guard length <= 256 else { throw unwalkable("\(tag) has \(length) bytes") }
                let bytes = try window.bytes(at: start, count: Int(length))
                values[tag.element] = UID(String(decoding: bytes, as: UTF8.self))
            default: break
            }
            position = start + length
        }
        guard let syntax = values[0x0010], !syntax.string.isEmpty else {
            throw unwalkable("no transfer syntax in the file meta information")
        }
        if let groupEnd, groupEnd != position {
            throw unwalkable("group 0002 ends at byte \(position), its length says \(groupEnd)")
        }
        let meta = FileMeta(
            transferSyntax: TransferSyntax(syntax), sopClass: values[0x0002], sopInstance: values[0x0003])
        return (meta, position)
    }
}

/// Two letters of explicit VR, as far as they decide how to read on.
struct ExplicitVR {
    let vr: VR
    let hasLongLength: Bool

    /// Letters that PS3.5 Table 7.1-2 does not list have two reserved bytes and a 32-bit length, as every VR added
    /// since; what is not two capitals is no VR, and `DcmVR::setVR` reads a 16-bit length behind it.
    init(_ letters: (UInt8, UInt8)) {
        if let known = VR(letters: letters) {
            vr = known
            hasLongLength = known.hasLongLength
        } else {
            vr = .unknown
            let capitals = UInt8(ascii: "A")...UInt8(ascii: "Z")
            hasLongLength = capitals.contains(letters.0) && capitals.contains(letters.1)
        }
    }
}
