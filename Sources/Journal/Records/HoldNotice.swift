// Why something waits for a person.

package import DICOMVocabulary

/// A hold in words, without patient data.
package struct HoldNotice: Sendable, Codable, Hashable {
    /// A `Failure.Code` raw value, or `operator` for a hold by a person.
    package var code: String
    package var detail: String
    /// What a person can do.
    package var hint: String

    package init(code: String, detail: String, hint: String = "") {
        self.code = code
        self.detail = detail
        self.hint = hint
    }

    /// The code of a hold by a rule, or by the fallback of the rules.
    package static let rule = "rule"

    /// The code of a hold by a person.
    package static let `operator` = "operator"

    /// The code of a hold of a late part whose study is held or cancelled.
    package static let latePart = "latePart"

    /// The code of what waits for a destination that the configuration no longer names. It is not held: it goes on when the
    /// destination is back.
    package static let unconfigured = "unconfigured"

    /// Of a study whose images name several patients, or may.
    package static func mixedPatients(_ detail: String) -> HoldNotice {
        HoldNotice(
            code: Failure.Code.mixedPatients.rawValue, detail: detail,
            hint: "Correct it at the source, under new UIDs where it was sent before; "
                + "release only if you have seen that the patient is one and the same.")
    }

    package init(_ failure: Failure) {
        self.init(code: failure.code.rawValue, detail: failure.detail, hint: failure.hint)
    }
}
