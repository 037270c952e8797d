// What cannot be read now, and perhaps never.

extension Failure {
    /// Tries after which what cannot be read is not only slow.
    private static let maximumReadings = 8

    /// Trouble of a file of its own, which time may mend.
    package var isOfReading: Bool { isOfItself && [.ioError, .unreadable].contains(code) }

    /// Of what one object or study needs: its file, or its place in the vault.
    package var mayBeHopeless: Bool { isOfReading || isOfItself && code == .vaultUnavailable }

    private var isOfItself: Bool { scope == .instance && disposition == .tryAgain }

    /// What a person is asked when the same could not be read so often before; nil for other trouble, and for fewer tries.
    package func hopeless(after failures: Int) -> Failure? {
        guard mayBeHopeless, failures >= Self.maximumReadings else { return nil }
        return Failure(
            isOfReading ? .unreadable : code, .person, .instance, detail: "\(failures) tries: \(detail)",
            hint: hint.isEmpty ? "Look at the spool's disk; retry tries again." : hint)
    }
}
