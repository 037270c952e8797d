// Sample files that live beside the package, and how to read them without the code under test.

import DICOMVocabulary
import Foundation

/// A Part 10 file taken apart.
struct SampleFile: CustomStringConvertible, Sendable {
    let path: String
    let transferSyntax: TransferSyntax
    let dataSet: [UInt8]

    var description: String { path }
}

enum SharedFiles {
    static let root: String = {
        if let given = ProcessInfo.processInfo.environment["ANTIPODE_SHARED"] { return given }
        let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return package.deletingLastPathComponent().appendingPathComponent("shared").path
    }()

    static let areMissing = !FileManager.default.fileExists(atPath: root + "/dicom/manifest.tsv")

    /// Rows of the manifest with this kind: path and transfer syntax UID.
    static func rows(_ kind: String) -> [(path: String, transferSyntax: String)] {
        guard let text = try? String(contentsOfFile: root + "/dicom/manifest.tsv", encoding: .utf8) else { return [] }
        return text.split(separator: "\n").dropFirst().compactMap { line in
            let columns = line.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
            guard columns.count > 5, columns[1] == kind else { return nil }
            return (columns[0], columns[5])
        }
    }

    static func bytes(_ path: String) -> [UInt8] {
        FileManager.default.contents(atPath: root + "/dicom/" + path).map { Array($0) } ?? []
    }

    /// Every well-formed instance that is not deflated.
    static let instances: [SampleFile] = rows("instance").compactMap { row in
        let syntax = TransferSyntax(UID(row.transferSyntax))
        let bytes = bytes(row.path)
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
