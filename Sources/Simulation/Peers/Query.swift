// C-FIND and the choice of objects for C-GET and C-MOVE (PS3.4 C.2.2.2 and C.4).

import DICOM
import DICOMVocabulary

/// A request identifier of the Study Root or Patient Root model, as far as a stand-in needs it: matching on a single
/// value, a list of UIDs, a range of dates, wildcards and the empty value that matches everything.
struct Query {
    enum Level: String { case patient = "PATIENT", study = "STUDY", series = "SERIES", image = "IMAGE" }

    let level: Level
    private let keys: [(tag: Tag, vr: VR, value: [UInt8])]

    /// Fails for an identifier without a level that can be answered.
    init?(identifier: DataSet) {
        let elements = identifier.root.elements
        let word = identifier.root[Self.levelTag].map { String(decoding: $0.value, as: UTF8.self) } ?? ""
        guard let level = Level(rawValue: word) else { return nil }
        self.level = level
        keys = elements.filter { !Self.control.contains($0.tag) && !$0.isSequence }.map { ($0.tag, $0.vr, $0.value) }
    }

    static let levelTag = Tag(0x0008, 0x0052)
    private static let retrieveAETitle = Tag(0x0008, 0x0054)
    private static let modalitiesInStudy = Tag(0x0008, 0x0061)
    private static let seriesInStudy = Tag(0x0020, 0x1206)
    private static let instancesInStudy = Tag(0x0020, 0x1208)
    private static let instancesInSeries = Tag(0x0020, 0x1209)
    private static let control: Set<Tag> = [.specificCharacterSet, levelTag, retrieveAETitle]

    /// The objects that the keys choose, in no special order.
    func objects(_ holdings: [Holding]) -> [Holding] {
        let modalities = modalitiesByStudy(holdings)
        return holdings.filter { holding in
            keys.allSatisfy { key in
                if key.tag == Self.modalitiesInStudy {
                    return Self.matches(key.value, .CS) { wanted in
                        (modalities[holding.study] ?? []).contains(wanted)
                    }
                }
                guard Holding.wanted.contains(key.tag) else { return true }
                let held = holding.text(key.tag, key.vr)
                return Self.matches(key.value, key.vr) { Self.matches(held, $0, key.vr) }
            }
        }
    }

    /// One answer for each study, series or instance that has a matching object.
    func answers(_ holdings: [Holding], aeTitle: String) throws(Failure) -> [DataSet] {
        let matching = objects(holdings)
        var groups: [UID: [Holding]] = [:]
        for holding in matching { groups[entity(holding), default: []].append(holding) }
        var answers: [DataSet] = []
        for (_, group) in groups.sorted(by: { $0.key.string < $1.key.string }) {
            guard let first = group.min(by: { $0.sopInstance.string < $1.sopInstance.string }) else { continue }
            let peers = holdings.filter { $0.study == first.study }
            answers.append(try answer(first, study: peers, aeTitle: aeTitle))
        }
        return answers
    }

    private func entity(_ holding: Holding) -> UID {
        switch level {
        case .patient: UID(holding.ascii(.patientID))
        case .study: holding.study
        case .series: holding.series
        case .image: holding.sopInstance
        }
    }

    private func answer(_ holding: Holding, study: [Holding], aeTitle: String) throws(Failure) -> DataSet {
        let dataSet = DataSet()
        let root = dataSet.root
        if !holding.characterSet.isEmpty {
            try root.set(.specificCharacterSet, .CS, Array(holding.characterSet.utf8))
        }
        try root.set(Self.levelTag, .CS, Array(level.rawValue.utf8))
        try root.set(Self.retrieveAETitle, .AE, Array(aeTitle.utf8))
        for key in keys {
            let value: [UInt8] =
                switch key.tag {
                case Self.modalitiesInStudy:
                    Array(Set(study.map(\.modality)).sorted().joined(separator: "\\").utf8)
                case Self.seriesInStudy: Array(String(Set(study.map(\.series)).count).utf8)
                case Self.instancesInStudy: Array(String(study.count).utf8)
                case Self.instancesInSeries: Array(String(study.count { $0.series == holding.series }).utf8)
                default: holding.values[key.tag] ?? []
                }
            try root.set(key.tag, key.vr, value)
        }
        return dataSet
    }

    private func modalitiesByStudy(_ holdings: [Holding]) -> [UID: Set<String>] {
        holdings.reduce(into: [:]) { $0[$1.study, default: []].insert($1.modality) }
    }

    /// A list of UIDs matches if one does; an empty key matches everything (PS3.4 C.2.2.2.2, C.2.2.2.3).
    private static func matches(_ key: [UInt8], _ vr: VR, _ one: (String) -> Bool) -> Bool {
        let text = String(decoding: key, as: UTF8.self)
        guard !text.isEmpty, text != "*" else { return true }
        return text.split(separator: "\\").contains { one(String($0)) }
    }

    static func matches(_ held: String, _ key: String, _ vr: VR) -> Bool {
        switch vr {
        case .UI: return UID(held) == UID(key)
        case .DA where key.contains("-"):
            let ends = key.split(separator: "-", omittingEmptySubsequences: false)
            return (ends[0].isEmpty || held >= ends[0]) && (ends[1].isEmpty || held <= ends[1])
        case .PN:
            // Names match whatever their case (PS3.4 C.2.2.2.1).
            return wildcard(Array(held.lowercased()), Array(key.lowercased()))
        default: return wildcard(Array(held), Array(key))
        }
    }

    /// `*` stands for any run of characters and `?` for one (PS3.4 C.2.2.2.4).
    private static func wildcard(_ text: [Character], _ pattern: [Character]) -> Bool {
        // The place to go back to is only ever the last star, so that the work is bounded by text times pattern.
        var t = 0
        var p = 0
        var star: (pattern: Int, text: Int)?
        while t < text.count {
            if p < pattern.count, pattern[p] == "*" {
                star = (p, t)
                p += 1
            } else if p < pattern.count, pattern[p] == "?" || pattern[p] == text[t] {
                p += 1
                t += 1
            } else if let last = star {
                star = (last.pattern, last.text + 1)
                p = last.pattern + 1
                t = last.text + 1
            } else {
                return false
            }
        }
        return pattern[p...].allSatisfy { $0 == "*" }
    }
}
