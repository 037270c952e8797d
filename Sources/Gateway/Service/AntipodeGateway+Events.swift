// What happens to the house as a whole, for the list of events.

import DICOMVocabulary
package import Foundation
import Journal
import Logging

extension AntipodeGateway {
    /// Kinds of events; the pages have words for them.
    enum HouseEvent: String {
        case started, stopped, reloaded, reloadFailed, certificateEnds
    }

    /// A journal that takes no event keeps nothing from happening.
    func note(_ event: HouseEvent, _ detail: String) async {
        do throws(Failure) {
            try await journal.record(event: EventRecord(at: now(), kind: event.rawValue, detail: detail))
        } catch {
            logger.error(
                "An event could not be written down",
                metadata: ["kind": "\(event.rawValue)", "detail": "\(error.detail)"])
        }
    }

    /// What the certificate files say today, for `/metrics`. Those that end soon, or have ended, are told in the log and
    /// among the events: each once a day, over restarts too.
    package func see(certificates: [CertificateEnd]) async {
        self.certificates = certificates
        let soon = certificates.filter { $0.endsAt.timeIntervalSince(now()) < settings.certificateWarning }
        guard !soon.isEmpty else { return }
        var query = EventQuery()
        query.kinds = [HouseEvent.certificateEnds.rawValue]
        query.since = now().addingTimeInterval(-CertificateEnd.toldEvery)
        query.limit = 1000
        let told = (try? await journal.events(query)) ?? []
        for one in soon where !told.contains(where: { $0.detail.hasPrefix(one.use + " ") }) {
            let text = one.text(at: now())
            logger.warning("A certificate ends soon", metadata: ["certificate": "\(text)"])
            await note(.certificateEnds, text)
        }
    }
}

/// When the first certificate of a file ends. Names the file by its place in the configuration, not by its path.
package struct CertificateEnd: Sendable, Hashable, Codable {
    /// Seconds, a little less than a day: whoever looks once an hour tells it at the same hour.
    static let toldEvery = 86_400.0 - 600

    /// The name of its `[tls.NAME]`.
    package var set: String
    /// `certificate` or `trusted`.
    package var role: String
    package var endsAt: Date

    package init(set: String, role: String, endsAt: Date) {
        self.set = set
        self.role = role
        self.endsAt = endsAt
    }

    var use: String { "tls.\(set).\(role)" }

    func text(at now: Date) -> String {
        let day = endsAt.formatted(.iso8601.year().month().day())
        let days = Int((endsAt.timeIntervalSince(now) / 86_400).rounded(.down))
        return days < 0 || endsAt <= now ? "\(use) ended on \(day)" : "\(use) ends on \(day), in \(days) days"
    }

    func sample(at now: Date) -> MetricSample {
        MetricSample(
            name: "antipode_certificate_seconds_left",
            help: "Until the first certificate of the file ends; below 0 it has ended.", kind: .gauge,
            labels: ["tls": set, "file": role], value: endsAt.timeIntervalSince(now).rounded())
    }
}
