// What cannot be read now, and perhaps never.

package import DICOMVocabulary

extension Failure {
    /// Tries of one file, or of one study's rows of the vault, after which it is not only slow.
    private static let maximumReadings = 8

    /// What a person is asked when trouble of its own kept something from being read so often; nil for other trouble, which time may
    /// mend, and for fewer tries.
    package func hopeless(after failures: Int) -> Failure? {
        guard scope == .instance, disposition == .tryAgain, failures >= Self.maximumReadings,
            [.ioError, .unreadable, .vaultUnavailable].contains(code)
        else { return nil }
        return Failure(
            code == .ioError ? .unreadable : code, .person, .instance, detail: "\(failures) tries: \(detail)",
            hint: hint.isEmpty ? "Look at the disk of spool and vault; retry tries again." : hint)
    }
}
