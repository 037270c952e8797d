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
/// it is edited; independent of the profile, so that an error there is found here.
///
/// ```swift
/// let identityGuard = IdentityGuard(identities: [identity], instance: dataSet)
/// _ = try deidentifier.pseudonymise(dataSet, job: job)
/// let head = try dataSet.encoded(as: syntax)
/// if let failure = try identityGuard.failure(in: head, transferSyntax: syntax, dataSet: dataSet) { throw failure }
/// ```
package struct IdentityGuard {
    private var patterns = IdentifierPatterns()

    /// `identities`: all that the study's instances said; `instance`: this one, before editing.
    package init(identities: [StudyIdentity], instance: DataSet) {
        for identity in identities { patterns.collect(identity) }
        patterns.collect(instance.root)
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
            return walk.forEach { walk, tag, vr, range in
                search.run(UnsafeRawBufferPointer(rebasing: buffer[range]), tag, vr ?? representations[tag] ?? .LO)
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
        guard !hits.isEmpty else { return nil }
        let places = hits.prefix(5).map(\.description).joined(separator: ", ")
        let more = hits.count > 5 ? " and \(hits.count - 5) more" : ""
        return Failure(
            .identityFound, .person, .instance, detail: places + more,
            hint: "Nothing was sent. The places are named: correct them at the source, or send the study another way.")
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
