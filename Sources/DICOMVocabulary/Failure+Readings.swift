// What cannot be read now, and perhaps never.

extension Failure {
    /// Tries of one file after which it is not only slow.
    private static let maximumReadings = 8

    /// Trouble of a file of its own, which time may mend.
    package var isOfReading: Bool {
        scope == .instance && disposition == .tryAgain && [.ioError, .unreadable].contains(code)
    }

    /// What a person is asked when a file could not be read so often before; nil for other trouble, and for fewer tries.
    package func hopeless(after failures: Int) -> Failure? {
        guard isOfReading, failures >= Self.maximumReadings else { return nil }
        return Failure(
            .unreadable, .person, .instance,
            detail: "\(failures) tries of what it belongs to without success: \(detail)",
            hint: hint.isEmpty ? "Look at the spool's disk; retry tries again." : hint)
    }
}
