// Texts that people write and the journal keeps.

import DICOMVocabulary
import Foundation
import Journal
import Logging
import Vault

extension LiveDesk {
    /// A reason that may stand in the journal and on pages. What the vault knows of the patients of these studies must
    /// not stand in it; with the vault closed only its form is judged. A refusal is an event: whoever tries name after
    /// name is seen.
    func reason(_ text: String, about studies: [UID], _ actor: String) async throws -> String {
        let text = try OperatorText.reason(text)
        guard let vault = try? reportFlow().door.open() else { return text }
        for study in studies {
            guard let identities = try? await vault.identities(study: study),
                IdentityWords(identities).occur(in: text)
            else { continue }
            logger.notice("A reason that names a patient was refused", metadata: ["actor": "\(actor)"])
            try await journal.record(
                event: EventRecord(
                    at: now(), kind: "reasonRefused", detail: "a reason that named the patient was not kept",
                    actor: actor))
            throw OperatorError(
                .invalid,
                "the reason holds a name, a number or the birth date of the study's own patient: write it without patient data"
            )
        }
        return text
    }
}

package enum OperatorText {
    static let maximumLength = 500

    /// Throws `OperatorError` for one that is empty, too long, or seems to name a patient.
    static func reason(_ text: String) throws -> String {
        let text = text.trimmingCharacters(in: .whitespacesAndNewlines)
        guard !text.isEmpty, text.count <= maximumLength else {
            throw OperatorError(.invalid, "a reason of 1 to \(maximumLength) characters is needed")
        }
        guard !mayIdentify(text) else {
            throw OperatorError(.invalid, "the reason seems to hold a personal number: write it without patient data")
        }
        return text
    }

    /// Whether a text that the journal would keep holds something shaped like a Swedish personal number: six or eight
    /// digits, perhaps `-` or `+`, and four more. A reserve number may have letters among the last four.
    package static func mayIdentify(_ text: String) -> Bool {
        text.firstMatch(of: /(?:^|[^0-9.])(?:[0-9]{2})?[0-9]{6}\s?[-+]?\s?[0-9A-Za-z]{3}[0-9](?:$|[^0-9.])/) != nil
    }
}
