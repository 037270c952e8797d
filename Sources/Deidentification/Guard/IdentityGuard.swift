// The last look before an instance leaves: are the original identifiers in the bytes?

package import DICOM
package import DICOMVocabulary

/// Where an identifier was found, and of what kind. Never the identifier.
package struct GuardHit: Hashable, Sendable, Codable, CustomStringConvertible {
    /// For example `(0040,0275)[0].(0040,0007)`.
    package let path: String
    package let kind: IdentifierKind

    package var description: String { "\(kind.rawValue) in \(path)" }
}

/// Searches what would leave for everything that the source said about who the patient is. Made from the instance before
/// it is edited; independent of the profile, so that an error there is found here. The profile in turn uses it to see what
/// has to be cleaned from values that are kept.
///
/// ```swift
/// let identityGuard = IdentityGuard(identities: [identity], instance: dataSet)
/// _ = try deidentifier.pseudonymise(dataSet, job: job, identityGuard)
/// let head = try dataSet.encoded(as: syntax)
/// if let failure = try identityGuard.failure(in: head, transferSyntax: syntax, dataSet: dataSet) { throw failure }
/// ```
package struct IdentityGuard {
    private(set) var patterns: IdentifierPatterns

    /// `identities`: all that the study's instances said; `instance`: this one, before editing.
    /// `keepsInstitution`: the profile lets the hospital's name go along (option 113112).
    /// `memory`: saves time where instances of one series follow each other.
    package init(
        identities: [StudyIdentity], instance: DataSet, keepsInstitution: Bool = false,
        memory: IdentifierMemory = IdentifierMemory()
    ) {
        var values = SourceValues()
        for identity in identities { values.collect(identity) }
        values.collect(instance.root, keepsInstitution: keepsInstitution)
        patterns = memory.patterns(of: values)
    }

    /// The same for the next instance of a series, which says nothing else of persons and objects but its own UID.
    package func adding(_ uid: UID) -> IdentityGuard {
        var copy = self
        copy.patterns.uids.insert(IdentifierPatterns.hash(uid.string.utf8))
        return copy
    }

    /// Searches an encoded data set, without group 7FE0. In implicit VR the representations come from `dataSet`, the edited
    /// data set that was encoded; without it every value counts as text. Fails with `.unwalkable` if the bytes cannot be
    /// walked: what cannot be searched does not leave.
    package func search(
        _ bytes: [UInt8], transferSyntax: TransferSyntax, dataSet: DataSet? = nil
    ) throws(Failure) -> [GuardHit] {
        let isImplicit = transferSyntax.uid.string == "1.2.840.10008.1.2"
        let representations = isImplicit ? dataSet.map(Self.representations) ?? [:] : [:]
        var hits: [GuardHit] = []
        let isWhole = bytes.withUnsafeBytes { buffer in
            var walk = EncodedWalk(bytes: buffer, transferSyntax: transferSyntax)
            var search = ValueSearch(patterns: patterns)
            var codings = DeclaredCodings()
            return walk.forEach { walk, tag, vr, range in
                let value = UnsafeRawBufferPointer(rebasing: buffer[range])
                let vr = vr ?? representations[tag] ?? .LO
                search.run(value, tag, vr)
                if let text = codings.text(of: value, tag, vr, walk.path) {
                    text.withUnsafeBytes { search.run($0, tag, vr) }
                }
                guard !search.found.isEmpty else { return }
                let path = walk.path.map { "\($0.tag)[\($0.item)]." }.joined() + "\(tag)"
                if hits.count < 64 { hits += search.found.map { GuardHit(path: path, kind: $0) } }
                search.found.removeAll()
            }
        }
        guard isWhole else {
            throw Failure(.unwalkable, .person, .instance, detail: "the edited data set could not be searched")
        }
        return hits
    }

    /// The search's result as the failure that holds the instance; nil if nothing was found.
    package func failure(
        in bytes: [UInt8], transferSyntax: TransferSyntax, dataSet: DataSet? = nil
    ) throws(Failure) -> Failure? {
        let hits = try search(bytes, transferSyntax: transferSyntax, dataSet: dataSet)
        return hits.isEmpty ? nil : Self.failure(hits)
    }

    private static func failure(_ hits: [GuardHit]) -> Failure {
        let places = hits.prefix(5).map(\.description).joined(separator: ", ")
        let more = hits.count > 5 ? " and \(hits.count - 5) more" : ""
        return Failure(
            .identityFound, .person, .instance, detail: places + more,
            hint: "Nothing was sent. The places are named: correct them at the source, or send the study another way.")
    }

    /// Text that travels inside the value of `tag` without being part of what it is for.
    package func failure(in text: [UInt8], beside tag: Tag) -> Failure? {
        var search = ValueSearch(patterns: patterns)
        text.withUnsafeBytes { search.run($0, tag, .UT) }
        return search.found.isEmpty ? nil : Self.failure(search.found, tag)
    }

    /// The same for bytes that are not text: colour tables, offsets, what stands behind the last frame.
    package func failure(inBytes bytes: UnsafeRawBufferPointer, beside tag: Tag) -> Failure? {
        var search = ValueSearch(patterns: patterns)
        search.run(bytes, tag, .OB)
        return search.found.isEmpty ? nil : Self.failure(search.found, tag)
    }

    /// The same for compressed pixels, at the speed of their reading: names and numbers of five and eight characters and
    /// more.
    package func failure(inCompressed bytes: UnsafeRawBufferPointer, beside tag: Tag) -> Failure? {
        var search = ValueSearch(patterns: patterns)
        search.run(bytes: bytes)
        return search.found.isEmpty ? nil : Self.failure(search.found, tag)
    }

    private static func failure(_ kinds: Set<IdentifierKind>, _ tag: Tag) -> Failure {
        failure(kinds.map { GuardHit(path: "\(tag)", kind: $0) }.sorted { $0.kind.rawValue < $1.kind.rawValue })
    }

    /// What kinds of identifiers words are that were read from pixels: as they stand, run together and, since letters are
    /// often misread, with the digits and letters that look alike exchanged.
    package func search(recognised words: [String]) -> Set<IdentifierKind> {
        var search = ValueSearch(patterns: patterns)
        let line = words.joined(separator: " ")
        for text in [line, words.joined(separator: "\\"), Self.asDigits(line), words.joined()] {
            Array(text.utf8).withUnsafeBytes { search.run($0, .pixelData, .UT) }
        }
        return search.found
    }

    private static func asDigits(_ text: String) -> String {
        let alike: [Character: Character] = [
            "O": "0", "o": "0", "I": "1", "l": "1", "|": "1", "S": "5", "B": "8", "Z": "2",
        ]
        return String(text.map { alike[$0] ?? $0 })
    }

    private static func representations(_ dataSet: DataSet) -> [Tag: VR] {
        var all: [Tag: VR] = [:]
        var pending = [dataSet.root]
        while let item = pending.popLast() {
            for element in item.elements {
                all[element.tag] = element.vr
                pending += element.items
            }
        }
        return all
    }
}
