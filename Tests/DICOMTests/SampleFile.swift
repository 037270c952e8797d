// Sample files, and how to read and write data sets without the code under test.

import DICOMVocabulary
import GatewayTesting

/// A Part 10 file taken apart.
struct SampleFile: CustomStringConvertible, Sendable {
    let path: String
    let transferSyntax: TransferSyntax
    let dataSet: [UInt8]

    var description: String { path }

    /// Every well-formed instance of the developer set that is not deflated.
    static let all: [SampleFile] = SharedFiles.rows.filter { $0["kind"] == "instance" }.compactMap { row in
        let syntax = TransferSyntax(UID(row["transfer_syntax_uid"]))
        let bytes = row.bytes
        guard !syntax.isDeflated, let start = dataSetOffset(bytes) else { return nil }
        return SampleFile(path: row.path, transferSyntax: syntax, dataSet: Array(bytes[start...]))
    }

    /// Behind preamble and group 0002, which is explicit VR little endian (PS3.10 7.1).
    static func dataSetOffset(_ bytes: [UInt8]) -> Int? {
        guard bytes.count > 132, Array(bytes[128..<132]) == Array("DICM".utf8) else { return nil }
        var position = 132
        while position + 8 <= bytes.count, bytes[position] == 2, bytes[position + 1] == 0 {
            let isLong = ["OB", "UN", "UT", "OW"].contains(
                String(decoding: bytes[position + 4..<position + 6], as: UTF8.self))
            if isLong {
                position += 12 + (8..<12).reversed().reduce(0) { $0 << 8 | Int(bytes[position + $1]) }
            } else {
                position += 8 + Int(bytes[position + 6]) + Int(bytes[position + 7]) << 8
            }
        }
        return position
    }
}

/// A flat data set in explicit VR little endian or big endian, written by hand.
enum Handmade {
    static func element(_ tag: Tag, _ vr: String, _ value: [UInt8], bigEndian: Bool = false) -> [UInt8] {
        func number(_ value: UInt16) -> [UInt8] {
            let little = [UInt8(value & 0xFF), UInt8(value >> 8)]
            return bigEndian ? little.reversed() : little
        }
        let isLong = ["OB", "OW", "OF", "OD", "UN", "UT", "SQ", "UC", "UR"].contains(vr)
        let length: [UInt8]
        if isLong {
            let low = number(UInt16(value.count & 0xFFFF))
            let high = number(UInt16(value.count >> 16))
            length = [0, 0] + (bigEndian ? high + low : low + high)
        } else {
            length = number(UInt16(value.count))
        }
        return number(tag.group) + number(tag.element) + Array(vr.utf8) + length + value
    }

    static func element(_ tag: Tag, _ vr: String, _ text: String, bigEndian: Bool = false) -> [UInt8] {
        element(tag, vr, Array(text.utf8), bigEndian: bigEndian)
    }
}
