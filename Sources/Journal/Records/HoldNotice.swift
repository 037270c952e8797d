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

    package init(_ failure: Failure) {
        self.init(code: failure.code.rawValue, detail: failure.detail, hint: failure.hint)
    }
}
