// Counters of this run, for `/metrics`.

import Metrics
import Synchronization

/// Counts by name and labels, kept here for our own exposition and passed on to swift-metrics for whoever bootstraps
/// another backend. Labels are names of the configuration and stable words, never of patients. Safe from any task.
final class Counters: Sendable {
    private struct Key: Hashable {
        var name: String
        var labels: [String: String]
    }
    private let values = Mutex([Key: Double]())

    func add(_ name: String, _ labels: [String: String] = [:], _ amount: Int64 = 1) {
        values.withLock { $0[Key(name: name, labels: labels), default: 0] += Double(amount) }
        Counter(label: name, dimensions: labels.map { ($0.key, $0.value) }).increment(by: amount)
    }

    var samples: [MetricSample] {
        values.withLock { $0 }.map { key, value in
            MetricSample(
                name: key.name, help: Self.help[key.name] ?? "", kind: .counter, labels: key.labels, value: value)
        }.sorted { ($0.name, $0.labels.description) < ($1.name, $1.labels.description) }
    }

    private static let help = [
        "antipode_connections_refused_total": "Connections closed because no source may come from the address.",
        "antipode_connections_failed_total": "Connections that ended before an association was asked for.",
        "antipode_associations_rejected_total": "Associations rejected by the rules of admission.",
        "antipode_associations_total": "Associations admitted.",
        "antipode_associations_ended_total": "Associations ended, by how.",
        "antipode_instances_received_total": "Instances answered with Success.",
        "antipode_received_bytes_total": "Bytes of instances answered with Success.",
        "antipode_instances_refused_total": "Instances refused, by why.",
        "antipode_instances_acknowledged_total": "Instances that a destination acknowledged.",
        "antipode_commitments_total": "Objects that a destination has committed to, or refused to.",
        "antipode_commitment_answers_total": "Requests for commitment that a modality got an answer to.",
        "antipode_acknowledged_bytes_total": "Bytes, as received, of acknowledged instances.",
    ]
}
