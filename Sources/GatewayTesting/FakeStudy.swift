// Instances as a receiving worker tells of them, and reports as a report worker does.

package import DICOMVocabulary
package import WorkerProtocol

/// A made-up study. Numbers make its UIDs, so that a test can tell studies apart.
package struct FakeStudy: Sendable {
    package var number: Int
    package var patient: FakePatient
    package var modality: String
    package var description: String

    package init(
        _ number: Int = 1, patient: FakePatient = .tolvan, modality: String = "CT", description: String = "CT thorax"
    ) {
        self.number = number
        self.patient = patient
        self.modality = modality
        self.description = description
    }

    package static let sopClass: UID = "1.2.840.10008.5.1.4.1.1.2"

    package var uid: UID { UID("1.2.752.99.\(number)") }
    package var series: UID { UID("1.2.752.99.\(number).1") }
    package func sopInstance(_ instance: Int) -> UID { UID("1.2.752.99.\(number).1.\(instance)") }

    package var identity: StudyIdentity { patient.identity(study: uid, description: description) }

    /// An instance whose file is said to be durable; `digest` stands for its content.
    package func instance(
        _ instance: Int = 1, digest: String = "d", spoolKey: String? = nil,
        syntax: TransferSyntax = .explicitVRLittleEndian, priority: String = ""
    ) -> StoredInstance {
        StoredInstance(
            spoolKey: spoolKey ?? Self.key(), sopClass: Self.sopClass, sopInstance: sopInstance(instance), study: uid,
            series: series, transferSyntax: syntax, dataSetBytes: 1000, digest: digest,
            header: InstanceHeader(modality: modality, bodyPart: "CHEST", priority: priority), identity: identity,
            highPriority: false)
    }

    /// As a receiving worker would tell of `file`: what its scan takes of the header.
    package func scanned(_ instance: Int = 1, words: [Tag: String]) throws -> StoredInstance {
        var source = MemoryByteSource(file(instance, words: words))
        let wanted = StudyIdentity.wantedTags.union(InstanceHeader.wantedTags)
        let header = try HeaderScanner(bounds: ScanBounds(), wanted: wanted).scan(&source, as: nil)
        var stored = self.instance(instance)
        stored.header = InstanceHeader(header)
        stored.identity = StudyIdentity(header: header)
        return stored
    }

    /// A file of this study, with its identity in it, in explicit VR little endian. `words` are more of its header, or
    /// others in place of its own, as LO.
    package func file(_ instance: Int = 1, words: [Tag: String] = [:]) -> [UInt8] {
        let own: [(Tag, String, [UInt8])] = [
            (.sopClassUID, "UI", Array(Self.sopClass.string.utf8)),
            (.sopInstanceUID, "UI", Array(sopInstance(instance).string.utf8)),
            (.modality, "CS", Array(modality.utf8)), (.seriesInstanceUID, "UI", Array(series.string.utf8)),
        ]
        let elements =
            (own + identity.attributes.map { ($0.tag, $0.vr.rawValue, $0.value) }).filter { words[$0.0] == nil }
            + words.map { ($0.key, "LO", Array($0.value.utf8)) }
        let meta = Part10.meta(
            sopClass: Self.sopClass, sopInstance: sopInstance(instance), transferSyntax: .explicitVRLittleEndian)
        return meta + elements.sorted { $0.0.rawValue < $1.0.rawValue }.flatMap(Self.element)
    }

    private static func element(_ tag: Tag, _ vr: String, _ value: [UInt8]) -> [UInt8] {
        let padded = value.count % 2 == 0 ? value : value + [vr == "UI" ? 0 : 0x20]
        func bytes(_ number: UInt16) -> [UInt8] { [UInt8(number & 0xFF), UInt8(number >> 8)] }
        return bytes(tag.group) + bytes(tag.element) + Array(vr.utf8) + bytes(UInt16(padded.count)) + padded
    }

    /// 32 hexadecimal digits, as the spool draws them.
    package static func key() -> String {
        let digits = Array("0123456789abcdef")
        return String((0..<32).map { _ in digits[Int.random(in: 0..<16)] })
    }
}

/// A report as a reader sends it.
package struct FakeReport: Sendable {
    package var sopInstance: UID = "1.2.826.1.1"
    /// As the reader knows the study and the patient.
    package var study: UID
    package var patientID: String
    package var accessionNumber: String
    package var verification = "VERIFIED"
    package var completion = "COMPLETE"

    package init(study: UID, tokens: StudyTokens) {
        self.study = study
        patientID = tokens.patientID
        accessionNumber = tokens.accessionNumber
    }

    package static let sopClass: UID = "1.2.840.10008.5.1.4.1.1.88.22"

    package func instance(digest: String = "r") -> StoredInstance {
        StoredInstance(
            spoolKey: FakeStudy.key(), sopClass: Self.sopClass, sopInstance: sopInstance, study: study,
            series: "1.2.826.1", transferSyntax: .explicitVRLittleEndian, dataSetBytes: 500, digest: digest,
            header: InstanceHeader(modality: "SR"), identity: StudyIdentity(characterSet: "", attributes: []),
            highPriority: false)
    }

    package var contents: ReportContents {
        ReportContents(
            sopInstance: sopInstance, study: study, patientID: patientID, patientName: patientID,
            accessionNumber: accessionNumber, evidenceStudies: [study], requestStudies: [],
            requestAccessionNumbers: [], uids: [study], tokens: [patientID], completion: completion,
            verification: verification, preliminary: "", predecessors: [])
    }

    /// What restoring it gives.
    package func restored(to original: UID) -> RestoreOutcome {
        RestoreOutcome(
            spoolKey: FakeStudy.key(), dataSetBytes: 510, digest: "restored", transferSyntax: .explicitVRLittleEndian,
            study: original, replacedTokens: 3, replacedUIDs: 4)
    }
}
