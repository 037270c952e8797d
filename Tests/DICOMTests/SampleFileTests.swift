import DICOM
import DICOMVocabulary
import GatewayTesting
import Testing

@Suite("Sample files", .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
struct SampleFileTests {
    /// Tag path → value, the shape of a data set without its encoding.
    private func values(_ item: DataSetItem, _ path: String = "") -> [String: [UInt8]] {
        var result: [String: [UInt8]] = [:]
        for element in item.elements {
            let here = path + element.tag.description
            result[here] = element.isSequence ? [UInt8(truncatingIfNeeded: element.items.count)] : element.paddedValue
            for (index, child) in element.items.enumerated() {
                result.merge(values(child, "\(here)[\(index)]")) { a, _ in a }
            }
        }
        return result
    }

    @Test("are written with the values they were read with")
    func roundTrip() throws {
        var read = 0
        var identical = 0
        for file in SampleFile.all {
            guard let dataSet = try? DataSet(bytes: file.dataSet, transferSyntax: file.transferSyntax) else {
                print("not readable: \(file.path)")
                continue
            }
            read += 1
            let bytes = try dataSet.encoded(as: file.transferSyntax)
            if bytes == file.dataSet { identical += 1 }
            let again = try DataSet(bytes: bytes, transferSyntax: file.transferSyntax)
            #expect(values(again.root) == values(dataSet.root), "\(file.path)")
            #expect(try again.encoded(as: file.transferSyntax) == bytes, "\(file.path)")
        }
        print("read \(read) of \(SampleFile.all.count), \(identical) identical")
        #expect(read >= SampleFile.all.count - 10)
    }

    @Test("keep their values from implicit or big endian to explicit little endian")
    func conversion() throws {
        for file in SampleFile.all where !file.transferSyntax.isEncapsulated {
            guard let dataSet = try? DataSet(bytes: file.dataSet, transferSyntax: file.transferSyntax) else { continue }
            let range = Tag(rawValue: 0)...Tag(0x7FDF, 0xFFFF)
            let bytes = try dataSet.encoded(as: .explicitVRLittleEndian, tags: range)
            let again = try DataSet(bytes: bytes, transferSyntax: .explicitVRLittleEndian)
            let expected = values(dataSet.root).filter { !$0.key.hasPrefix("(7FE0") }
            #expect(values(again.root) == expected, "\(file.path)")
        }
    }

    @Test("that are malformed fail or are read, and nothing else happens")
    func quirks() {
        for row in SharedFiles.rows where ["quirk", "dicomdir"].contains(row["kind"]) {
            let bytes = row.bytes
            let start = SampleFile.dataSetOffset(bytes) ?? 0
            for syntax in [
                TransferSyntax(UID(row["transfer_syntax_uid"])), .implicitVRLittleEndian, .explicitVRBigEndian,
            ]
            where !syntax.isDeflated {
                _ = try? DataSet(bytes: Array(bytes[start...]), transferSyntax: syntax).encoded(as: syntax)
            }
        }
    }
}
