// What is asked about the vault and about what left the house, and the answers.

package import Foundation
package import Journal
package import Vault

package struct DisclosureSearch: Codable, Sendable, Hashable {
    package var destination: String?
    package var country: String?
    package var agreement: String?
    /// A study key.
    package var study: String?
    /// A patient ID or an accession number: the vault is looked into, and the look is recorded with its reason.
    package var identifier: String?
    package var reason = ""
    package var since: Date?
    package var until: Date?
    /// Also exams of which nothing left in the end.
    package var all = false
    package var limit = 1000

    package init() {}
}

package enum VaultRequest: Codable, Sendable {
    case facts
    case accesses(limit: Int, actor: String?, subject: String?, since: Date?)
    case disclosures(DisclosureSearch)
    /// Who the patient of a study is.
    case show(study: String, reason: String)
    /// The studies of the patient whose number this is.
    case find(number: String, reason: String)
    case forget(studies: [String], reason: String)
    /// The content of a new key's file, and the proof that whoever sends it holds the present one.
    case addKey(content: [UInt8], proof: [UInt8])
    case adoptKey(content: [UInt8], proof: [UInt8])
}

package enum VaultAnswer: Codable, Sendable {
    case facts(VaultFacts)
    case accesses([VaultAccess], isWhole: Bool)
    case disclosures([DisclosureRecord])
    case identity(PatientView)
    /// One list of study keys for each patient.
    case patients([[String]])
    case forgotten(Forgotten, files: Int)
    case done
}

/// Shown to whoever asked with a reason. Never logged.
package struct PatientView: Codable, Sendable, Hashable {
    package var study: String
    package var name: String
    package var patientID: String
    package var issuer: String
    package var birthDate: String
    package var accessionNumber: String
    package var studyDate: String
    package var studyDescription: String
}

extension OperatorDesk {
    package func vault(_ request: VaultRequest, actor: String) async throws -> VaultAnswer {
        throw OperatorError(.unavailable, "this needs the daemon running")
    }
}

/// Who asks, for the record of looks into the vault: set by whoever knows it from the kernel or from a session.
package enum OperatorActor {
    @TaskLocal package static var current = "unknown"
}
