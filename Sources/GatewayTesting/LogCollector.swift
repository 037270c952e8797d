// What was logged, to be looked through.

package import Logging
import Synchronization

/// Keeps every line, metadata included, at every level. Safe from any task.
package final class LogCollector: Sendable {
    private struct Handler: LogHandler {
        let collector: LogCollector
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.trace

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { _, own in own }
            let words = all.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            collector.add(([event.level.rawValue, "\(event.message)"] + words).joined(separator: " "))
        }
    }

    private let kept = Mutex([String]())

    package init() {}

    package var logger: Logger { Logger(label: "test") { _ in Handler(collector: self) } }

    /// Level, sentence, and metadata as `key=value` in the order of their keys.
    package var lines: [String] { kept.withLock { $0 } }

    private func add(_ line: String) { kept.withLock { $0.append(line) } }
}
