import DICOMVocabulary
import Foundation
import GatewayTesting
import Testing

@Suite("The header scanner and real files")
struct HeaderScannerFileTests {
    static let wanted: Set<Tag> = [
        .sopClassUID, .sopInstanceUID, .studyInstanceUID, .seriesInstanceUID, .rows,
    ]

    /// Files of the set that are not walkable, and why.
    static let refused = [
        "files/cornerstoneWADOImageLoader/CTImage.dcm_DeflatedExplicitVRLittleEndianTransferSyntax_"
            + "1.2.840.10008.1.2.1.99.dcm": "deflated",
        "files/dicomParser/deflate/image_dfl": "deflated",
        "files/dicomParser/deflate/report_dfl": "deflated",
        "files/dicomParser/deflate/wave_dfl": "deflated",
        "files/pydicom-data/OT-PAL-8-face.dcm": "no DICM",
        "files/pydicom-data/emri_small_jpeg_2k_lossless_too_short.dcm": "no delimiter",
        "files/pydicom/test_files/ExplVR_BigEndNoMeta.dcm": "no DICM",
        "files/pydicom/test_files/ExplVR_LitEndNoMeta.dcm": "no DICM",
        "files/pydicom/test_files/MR_truncated.dcm": "overruns",
        "files/pydicom/test_files/SC_rgb_jpeg.dcm": "overruns",
        "files/pydicom/test_files/dicomdirtests/DICOMDIR-nooffset": "overruns",
        "files/pydicom/test_files/meta_missing_tsyntax.dcm": "no transfer syntax",
        "files/pydicom/test_files/no_meta.dcm": "no DICM",
        "files/pydicom/test_files/rtplan_truncated.dcm": "overruns",
        "files/pydicom/test_files/rtstruct.dcm": "no DICM",
    ]

    @Test(
        "agree on the UIDs of every file of the developer set",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func manifest() throws {
        let scanner = HeaderScanner(bounds: ScanBounds(), wanted: HeaderScannerFileTests.wanted)
        for row in SharedFiles.rows {
            do throws(Failure) {
                var source = try FileByteSource(path: row.path)
                let header = try scanner.scan(&source, as: nil)
                #expect(Self.refused[row["path"]] == nil, "\(row.path)")
                guard row["kind"] == "instance" else { continue }
                #expect(header.uid(.sopInstanceUID)?.string == row["sop_instance_uid"], "\(row.path)")
                #expect(header.uid(.studyInstanceUID)?.string ?? "" == row["study_uid"], "\(row.path)")
                #expect(header.uid(.seriesInstanceUID)?.string ?? "" == row["series_uid"], "\(row.path)")
                #expect(header.uid(.sopClassUID)?.string == row["sop_class_uid"], "\(row.path)")
                #expect(header.transferSyntax.uid.string == row["transfer_syntax_uid"], "\(row.path)")
                #expect(header.unsigned(.rows).map(String.init) ?? "" == row["rows"], "\(row.path)")
            } catch {
                let reason = Self.refused[row["path"]]
                #expect(reason.map(error.detail.contains) == true, "\(row.path): \(error.detail)")
            }
        }
    }

    @Test(
        "never trap, whatever bytes are changed",
        .enabled(if: SharedFiles.areHere, "\(SharedFiles.skip)"))
    func mutations() throws {
        var random = SplitMix(state: 0x5EED)
        let small = SharedFiles.rows.filter { (Int($0["bytes"]) ?? .max) < 40_000 }
        let scanner = HeaderScanner(bounds: ScanBounds(), wanted: HeaderScannerFileTests.wanted)
        var outcomes: [Bool: Int] = [:]
        for index in stride(from: 0, to: small.count, by: 4) {
            guard let data = FileManager.default.contents(atPath: small[index].path) else { continue }
            for _ in 0..<20 {
                var bytes = [UInt8](data)
                for _ in 0..<Int.random(in: 1...8, using: &random) {
                    let place = Int.random(in: 0..<bytes.count, using: &random)
                    switch UInt8.random(in: 0..<4, using: &random) {
                    case 0: bytes[place] = .random(in: 0...255, using: &random)
                    case 1: bytes[place] = 0xFF
                    case 2: bytes.removeSubrange(place..<min(place + 5, bytes.count))
                    default:
                        bytes.insert(contentsOf: [0xFE, 0xFF, 0x00, 0xE0, 0xFF, 0xFF, 0xFF, 0xFF], at: place)
                    }
                    if bytes.isEmpty { break }
                }
                var source = MemoryByteSource(bytes)
                outcomes[(try? scanner.scan(&source, as: nil)) != nil, default: 0] += 1
            }
        }
        #expect(outcomes[true, default: 0] > 0)
        #expect(outcomes[false, default: 0] > 0)
    }

    @Test("a file that is not there is missing, not unreadable")
    func missing() {
        #expect { try FileByteSource(path: "/nowhere/at/all") } throws: {
            ($0 as? Failure)?.code == .missingFile
        }
    }
}

/// A small generator with a fixed seed, so that a failing mutation comes back.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
        return z ^ z >> 31
    }
}
