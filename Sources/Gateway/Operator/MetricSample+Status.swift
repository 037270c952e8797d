// The gauges of `/metrics`, made from what pages show.

import Foundation

extension MetricSample {
    static func samples(of status: GatewayStatus, now: Date) -> [MetricSample] {
        var samples = [
            gauge("antipode_build_info", "Always 1; the version is a label.", ["version": status.version], 1),
            gauge("antipode_ready", "1 when ready to receive and send.", [:], status.ready ? 1 : 0),
            gauge(
                "antipode_needs_person", "Studies and reports that wait for a person.", [:], Double(status.needsPerson)),
            gauge("antipode_spool_free_bytes", "Free bytes on the spool's file system.", [:], Double(status.freeBytes)),
            gauge(
                "antipode_spool_floor_bytes", "Below this many free bytes nothing is received.", [:],
                Double(status.spoolFloor)),
            gauge("antipode_alarms", "Conditions that stop sending or receiving.", [:], Double(status.alarms.count)),
        ]
        if let startedAt = status.startedAt {
            samples.append(
                gauge("antipode_uptime_seconds", "Seconds since the start.", [:], now.timeIntervalSince(startedAt)))
        }
        for (counts, name) in [
            (status.studies, "studies"), (status.transfers, "transfers"), (status.reports, "reports"),
        ] {
            for (state, count) in counts.sorted(by: { $0.key < $1.key }) {
                samples.append(
                    gauge("antipode_\(name)", "Rows of the journal by state.", ["state": state], Double(count)))
            }
        }
        for listener in status.listeners {
            samples.append(
                gauge(
                    "antipode_associations", "Open incoming associations.", ["listener": listener.name],
                    Double(listener.associations)))
        }
        return samples + status.destinations.flatMap(destination)
    }

    private static func destination(_ view: DestinationView) -> [MetricSample] {
        let label = ["destination": view.name]
        return [
            gauge(
                "antipode_destination_up", "0 while the circuit is open, or the configuration no longer names it.",
                label,
                view.circuit == "open" || !view.isConfigured ? 0 : 1),
            gauge("antipode_lanes_active", "Lanes that are open.", label, Double(view.lanesActive)),
            gauge(
                "antipode_waiting_instances", "Instances not acknowledged yet.", label, Double(view.waitingInstances)),
            gauge("antipode_deferred_transfers", "Transfers between two tries.", label, Double(view.deferredTransfers)),
            gauge("antipode_held_transfers", "Transfers that wait for a person.", label, Double(view.heldTransfers)),
            gauge(
                "antipode_oldest_waiting_seconds", "Age of the oldest transfer that is not acknowledged.", label,
                view.oldestWaitingSeconds ?? 0),
        ]
    }

    private static func gauge(_ name: String, _ help: String, _ labels: [String: String], _ value: Double)
        -> MetricSample
    {
        MetricSample(name: name, help: help, kind: .gauge, labels: labels, value: value)
    }
}
