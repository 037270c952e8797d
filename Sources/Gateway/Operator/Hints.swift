// What a person can do about a hold, with the command to type.

import DICOMVocabulary
import Foundation
import Journal

extension Notice {
    /// A hold of a study of its own.
    init(_ notice: HoldNotice, study key: String) {
        self.init(notice)
        hint = Self.hint(code, study: key) ?? hint
    }

    init(_ cause: HeldCause) {
        let key = "S\(cause.studyID)"
        self.init(cause.notice)
        switch cause.subject {
        case .instances(_, _, let destination, let report?):
            detail = "the delivery of R\(report) to \(destination): \(detail)"
            hint = "antipode report retry R\(report) sends it once more."
        case .instances(let held, let all, let destination, nil):
            detail = "\(held) of \(all == 1 ? "1 instance" : "\(all) instances") to \(destination): \(detail)"
            hint = Self.hint(code, study: key) ?? (hint.isEmpty ? Self.look(key) : "\(hint) \(Self.look(key))")
        case .transfer(let destination):
            detail = "to \(destination): \(detail)"
        case .report(let id):
            detail = "report R\(id): \(detail)"
            hint = Self.hint(code, report: "R\(id)") ?? hint
        case .unserved(let destination, let report):
            if let report { detail = "the delivery of R\(report): \(detail)" }
            hint =
                "Put \(destination) back into the configuration, and it goes on."
                + (report == nil
                    ? " To send it elsewhere: antipode study cancel \(key), then antipode study send \(key) DESTINATION."
                    : "")
        case .noReport:
            hint =
                "Ask the reader. antipode study retry \(key) asks again from now, "
                + "antipode study release \(key) waits for it no more."
        }
    }

    init(_ notice: HoldNotice, report key: String) {
        self.init(notice)
        hint = Self.hint(code, report: key) ?? hint
    }

    private static func look(_ key: String) -> String { "antipode study instances \(key) --held names the files." }

    /// By the code, where one sentence is right for all holds with it.
    private static func hint(_ code: String, study key: String) -> String? {
        let leaveOut = "antipode study leave-out \(key)."
        switch Failure.Code(rawValue: code) {
        case .pixelsMayIdentify:
            return "Look at the pixels: \(look(key)) If they show no name: antipode study release \(key). "
                + "To send the rest without them: \(leaveOut)"
        case .documentMayIdentify:
            return "Documents hold the identity inside, and no release sends them: \(look(key)) "
                + "To send the rest without them: \(leaveOut)"
        case .identityFound:
            return
                "Nothing of it was sent: \(look(key)) Correct it at the source, or send the rest without it: \(leaveOut)"
        case .missingFile, .damagedFile:
            return "Send it again from its source, or go on without it: \(leaveOut)"
        case .refusedByPeer, .cannotUnderstand, .dataSetMismatch, .sopClassNotSupported, .noPresentationContext:
            return "Ask the reader; then antipode study retry \(key), or send the rest without them: \(leaveOut)"
        case .setAside:
            return "\(look(key)) antipode study retry \(key) sends it once more; to go on without it: \(leaveOut)"
        default: return nil
        }
    }

    private static func hint(_ code: String, report key: String) -> String? {
        switch Failure.Code(rawValue: code) {
        case .reportIncomplete:
            return "Wait for the whole one, or antipode report release \(key)."
        case .reportUnmatched:
            return "Ask the reader which study it is about; then antipode report release \(key) --study KEY, "
                + "or antipode report discard \(key) --reason WHY."
        case .reportContradicts, .tokenDamaged:
            return
                "It may be another patient's: ask the reader for it anew, then antipode report discard \(key) --reason WHY."
        case .patientDiffers:
            return "Read it: if it is about the patient, antipode report release \(key); if not, ask the reader, then "
                + "antipode report discard \(key) --reason WHY."
        case .mixedPatients:
            return
                "Find out whose the images are: if it is about the patient of those that were sent, antipode report release "
                + "\(key); if not, antipode report discard \(key) --reason WHY."
        case .characterSetUnfit:
            return "Ask the reader to send it again in UTF-8 (ISO_IR 192); then antipode report discard \(key) "
                + "--reason WHY ends this one."
        case .setAside, .identifiersMissing:
            return "Ask the reader for the report by another way. antipode report retry \(key) tries once more, "
                + "antipode report discard \(key) --reason WHY ends it."
        default: return nil
        }
    }
}

/// Names of storage classes for people (PS3.6 Annex A, edition 2026d), of those that are common or often held.
enum StorageName {
    static func of(_ uid: UID) -> String { names[uid.string] ?? uid.string }

    private static let names = [
        "1": "CR Image", "1.1": "Digital X-Ray Image", "1.2": "Digital Mammography X-Ray Image", "2": "CT Image",
        "2.1": "Enhanced CT Image", "3.1": "Ultrasound Multi-frame Image", "4": "MR Image",
        "4.1": "Enhanced MR Image", "6.1": "Ultrasound Image", "7": "Secondary Capture Image",
        "7.1": "Multi-frame Single Bit Secondary Capture Image",
        "7.2": "Multi-frame Grayscale Byte Secondary Capture Image",
        "7.3": "Multi-frame Grayscale Word Secondary Capture Image",
        "7.4": "Multi-frame True Color Secondary Capture Image", "11.1": "Grayscale Softcopy Presentation State",
        "12.1": "X-Ray Angiographic Image", "12.2": "X-Ray Radiofluoroscopic Image", "20": "Nuclear Medicine Image",
        "66": "Raw Data", "66.4": "Segmentation", "77.1.4": "VL Photographic Image", "88.11": "Basic Text SR",
        "88.22": "Enhanced SR", "88.33": "Comprehensive SR", "88.34": "Comprehensive 3D SR",
        "88.59": "Key Object Selection Document", "88.67": "X-Ray Radiation Dose SR", "104.1": "Encapsulated PDF",
        "104.2": "Encapsulated CDA", "128": "Positron Emission Tomography Image", "481.3": "RT Structure Set",
    ].reduce(into: [String: String]()) { $0["1.2.840.10008.5.1.4.1.1." + $1.key] = $1.value }
}
