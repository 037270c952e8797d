// The verdict over what was recognised: a scripted program says the words, so that they are known to the letter.

import DICOM
import DICOMVocabulary
import Deidentification
import Foundation
import Testing
import WorkerProtocol

@testable import Workers

private typealias Tag = DICOMVocabulary.Tag

@Suite("What recognised text means for an instance")
final class TextInPixelsTests {
    private let folder = NSTemporaryDirectory() + "antipode-verdict-\(UUID().uuidString)"

    init() throws {
        signal(SIGPIPE, SIG_IGN)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    /// A program that says the words, or ends badly without any.
    private func program(saying words: [(text: String, confidence: Int)]?) throws -> String {
        let path = "\(folder)/\(UUID().uuidString)"
        let lines = (words ?? []).map { "5\t1\t1\t1\t1\t1\t0\t0\t10\t10\t\($0.confidence)\t\($0.text)" }
        let body = "cat >/dev/null\ncat <<'END'\n" + lines.map { $0 + "\n" }.joined() + "END\n"
        try Data("#!/bin/sh\n\(body)exit \(words == nil ? 1 : 0)\n".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        return path
    }

    /// An image of one frame of a patient called Tolvan, ID 4471902.
    private func image(allocated: Int) throws -> (InstanceFile, PixelFormat, IdentityGuard) {
        let head = DataSet()
        try head.root.set(.sopClassUID, .UI, text: "1.2.840.10008.5.1.4.1.1.6.1")
        try head.root.set(.patientName, .PN, text: "Tolvan^Tolv")
        try head.root.set(.patientID, .LO, text: "4471902")
        let numbers = [(0x0002, 1), (0x0010, 8), (0x0011, 8), (0x0100, allocated), (0x0101, allocated)]
        for (element, value) in numbers + [(0x0102, allocated - 1), (0x0103, 0)] {
            try head.root.set(Tag(0x0028, UInt16(element)), .US, [UInt8(value), 0])
        }
        try head.root.set(Tag(0x0028, 0x0004), .CS, text: "MONOCHROME2")
        let pixels = [UInt8](repeating: 7, count: 64 * allocated / 8)
        let bytes =
            Part10.meta(
                sopClass: "1.2.840.10008.5.1.4.1.1.6.1", sopInstance: "1.2.3",
                transferSyntax: .explicitVRLittleEndian) + (try head.encoded(as: .explicitVRLittleEndian))
            + (try ElementEncoding.explicitLittleEndian(.pixelData, .OW, pixels))
        let path = "\(folder)/\(UUID().uuidString).dcm"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        let file = try InstanceFile(path: path, bounds: ScanBounds())
        return (file, try #require(PixelFormat(head.root)), IdentityGuard(identities: [], instance: head))
    }

    private func verdict(
        _ mode: TextRecognition, _ words: [(text: String, confidence: Int)]?, isReleased: Bool = false,
        allocated: Int = 8
    ) throws -> Failure? {
        let (file, format, identityGuard) = try image(allocated: allocated)
        var policy = OutwardPolicy()
        policy.recognition = mode
        let look = TextInPixels(
            policy: policy, identityGuard: identityGuard, isReleased: isReleased,
            program: try program(saying: words))
        let cleaning = PixelCleaning(plan: PixelPlan()) { () throws(Failure) in
            throw Failure(.unexpected, .person, .instance, detail: "nothing is blanked here")
        }
        do throws(Failure) {
            try look.check(try PixelFrames(file, format), cleaning)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "the patient's name and number hold it in both modes, and a person's release changes nothing of that",
        arguments: [TextRecognition.identity, .text], [false, true])
    func identifiers(mode: TextRecognition, isReleased: Bool) throws {
        for word in ["TOLVAN", "Tolvan", "4471902", "447I9O2"] {
            let failure = try verdict(mode, [(word, 20)], isReleased: isReleased)
            #expect(failure?.code == .identityFound && failure?.disposition == .person, "\(word)")
            #expect(failure?.detail.contains("frame 1") == true)
            #expect(failure?.detail.contains(word) == false, "the words are never told")
        }
    }

    @Test("letters set apart are one name")
    func apart() throws {
        #expect(try verdict(.identity, [("TOL", 90), ("VAN", 90)])?.code == .identityFound)
    }

    @Test("any legible word holds it where the site asks for that, until a person has looked")
    func legible() throws {
        let words = [(text: "PORTABLE", confidence: 90)]
        #expect(try verdict(.text, words)?.code == .pixelsMayIdentify)
        #expect(try verdict(.text, words, isReleased: true) == nil)
        #expect(try verdict(.identity, words) == nil)
        #expect(try verdict(.text, [("PORTABLE", 69), ("L", 99), ("10cm", 60)]) == nil, "short or unsure")
        #expect(try verdict(.off, [("TOLVAN", 99)]) == nil)
    }

    @Test("what cannot be looked at is held, unless a person has looked")
    func unreadable() throws {
        #expect(try verdict(.identity, nil)?.code == .pixelsMayIdentify)
        #expect(try verdict(.identity, nil, isReleased: true) == nil)
        #expect(try verdict(.identity, [], allocated: 32)?.disposition == .person)
        #expect(try verdict(.identity, [], isReleased: true, allocated: 32) == nil)
        #expect(try verdict(.identity, []) == nil)
    }
}
