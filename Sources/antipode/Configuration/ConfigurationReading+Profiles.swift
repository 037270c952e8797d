// [[profile]] and [[pixel_template]].

import DICOMVocabulary
import Forwarding
import Foundation
import WorkerProtocol

extension ConfigurationReading {
    /// What destinations share by name.
    struct NamedProfile {
        var options: [String]
        var policy: OutwardPolicy
    }

    /// The options of PS3.15 Table E.1-1, by their codes in PS3.16 CID 7050 (edition 2026d).
    private static let options = (113101...113112).map(String.init)

    /// `options = […]` of a profile or a destination; the recommended ones where it is absent.
    func options(_ reader: TableReader) -> [String] {
        let read = reader.list("options", of: "codes of PS3.16 CID 7050: \(Self.options.joined(separator: ", "))") {
            Self.options.contains($0) ? $0 : nil
        }
        return reader.has("options") ? read : DestinationSettings.recommendedOptions
    }

    mutating func readProfiles() {
        templates = root.tables("pixel_template").compactMap(template)
        for reader in root.tables("profile") {
            let name = reader.requiredText("name")
            if profiles[name] != nil { reader.fault("name", "is there twice") }
            profiles[name] = NamedProfile(options: options(reader), policy: policy(reader))
            reader.finish()
        }
    }

    /// What a destination without a named profile has.
    var standardPolicy: OutwardPolicy {
        var policy = OutwardPolicy()
        policy.templates = templates
        return policy
    }

    private func policy(_ reader: TableReader) -> OutwardPolicy {
        var policy = standardPolicy
        policy.recognition = reader.word("recognise_text", TextRecognition.self) ?? policy.recognition
        policy.recognitionDeadline = reader.duration(
            "recognition_deadline", in: 1...300, default: policy.recognitionDeadline)
        policy.recognisedFrames = reader.integer("recognised_frames", in: 1...1000, default: policy.recognisedFrames)
        policy.documents = reader.word("documents", DocumentPolicy.self) ?? policy.documents
        policy.assumedCharacterSet =
            reader.convert(
                "assumed_character_set",
                allowed: "a defined term of (0008,0005): \(Self.characterSets.joined(separator: ", "))"
            ) {
                if case .string(let text) = $0, Self.characterSets.contains(text) { text } else { nil }
            } ?? ""
        return policy
    }

    /// PS3.3 C.12.1.1.2, without code extensions: those have escapes, and are not what undeclared text is in.
    private static let characterSets = [
        "ISO_IR 100", "ISO_IR 101", "ISO_IR 109", "ISO_IR 110", "ISO_IR 144", "ISO_IR 127", "ISO_IR 126", "ISO_IR 138",
        "ISO_IR 148", "ISO_IR 203", "ISO_IR 13", "ISO_IR 166", "ISO_IR 192", "GB18030", "GBK",
    ]

    private func template(_ reader: TableReader) -> PixelTemplate? {
        defer { reader.finish() }
        let pattern = "a text, in which * is any text and ? one character"
        for key in ["rows", "columns"] { reader.requireKey(key, allowed: "1 to 65535") }
        let name = reader.requiredText("name")
        let manufacturer = reader.requiredText("manufacturer", allowed: pattern)
        let model = reader.requiredText("model", allowed: pattern)
        let software = reader.text("software", allowed: pattern)
        let modalities = reader.texts("modalities", of: "values of Modality (0008,0060)")
        let classes = reader.list("sop_classes", of: "SOP Class UIDs") { UID($0).isValid ? UID($0) : nil }
        let regions = reader.tables("blank").compactMap(region)
        let keepsOnly = reader.boolean("keep_only_ultrasound_regions", default: false)
        guard let rows = reader.integer("rows", in: 1...65_535), let columns = reader.integer("columns", in: 1...65_535)
        else { return nil }
        var template = PixelTemplate(
            name: name, manufacturer: Glob(manufacturer), model: Glob(model), rows: rows, columns: columns)
        if let software { template.software = Glob(software) }
        template.modalities = modalities
        template.sopClasses = classes
        template.blank = regions
        template.keepsUltrasoundRegionsOnly = keepsOnly
        if !reader.has("blank"), !keepsOnly {
            reader.fault(
                "blank", "is missing",
                allowed: "[{ x = 0, y = 0, width = 1024, height = 60 }]; [] where nothing is written")
        }
        for region in regions where region.x + region.width > columns || region.y + region.height > rows {
            reader.fault("blank", "a region ends outside of \(columns) columns and \(rows) rows")
        }
        return template
    }

    private func region(_ reader: TableReader) -> PixelRegion? {
        for key in ["x", "y", "width", "height"] { reader.requireKey(key, allowed: "0 to 65535") }
        let numbers =
            ["x", "y"].map { reader.integer($0, in: 0...65_535) }
            + ["width", "height"].map { reader.integer($0, in: 1...65_535) }
        reader.finish()
        guard let x = numbers[0], let y = numbers[1], let width = numbers[2], let height = numbers[3] else {
            return nil
        }
        return PixelRegion(x: x, y: y, width: width, height: height)
    }
}
