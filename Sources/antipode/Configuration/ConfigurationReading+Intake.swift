// [intake], [[listener]] and [[source]].

import DICOMVocabulary
import Foundation
import Intake

extension ConfigurationReading {
    func intake() -> IntakeSettings {
        var settings = IntakeSettings()
        let intake = root.table("intake")
        settings.maximumAssociations = intake.integer(
            "maximum_associations", in: 1...4096, default: settings.maximumAssociations)
        settings.maximumSilentConnections = intake.integer(
            "maximum_silent_connections", in: 1...65_536, default: settings.maximumSilentConnections)
        settings.silence = intake.duration("silence", in: 1...300, default: settings.silence)
        settings.backlog = intake.integer("backlog", in: 1...65_535, default: settings.backlog)
        settings.negotiationsPerAddress = intake.integer(
            "negotiations_per_address", in: 1...1024, default: settings.negotiationsPerAddress)
        settings.openPatience = intake.integer("open_patience", in: 1...1000, default: settings.openPatience)
        settings.warmWorkers = intake.integer("warm_workers", in: 0...64, default: settings.warmWorkers)
        settings.jobsPerWorker = intake.integer("jobs_per_worker", in: 1...100_000, default: settings.jobsPerWorker)
        settings.limits = limits(intake.table("limits"))
        settings.scan = scan(intake.table("scan"))
        intake.finish()
        settings.listeners = root.tables("listener").map(listener)
        settings.sources = root.tables("source").map(source)
        return settings
    }

    private func scan(_ reader: TableReader) -> ScanBounds {
        var bounds = ScanBounds()
        bounds.maximumDepth = reader.integer("maximum_depth", in: 1...128, default: bounds.maximumDepth)
        bounds.maximumElements = reader.integer(
            "maximum_elements", in: 1000...100_000_000, default: bounds.maximumElements)
        bounds.maximumValue = Int(
            reader.size("maximum_value", in: (1 << 16)...(1 << 31), default: Int64(bounds.maximumValue)))
        bounds.maximumHeader = Int(
            reader.size("maximum_header", in: (1 << 16)...(1 << 32), default: Int64(bounds.maximumHeader)))
        bounds.maximumInflated = reader.size(
            "maximum_inflated", in: (1 << 20)...(8 << 30), default: bounds.maximumInflated)
        bounds.maximumInflation = reader.integer(
            "maximum_inflation", in: 1...2000, default: bounds.maximumInflation)
        reader.finish()
        return bounds
    }

    private func listener(_ reader: TableReader) -> ListenerSettings {
        reader.requireKey("port", allowed: "0 to 65535; 0 takes a free one")
        reader.requireKey("ae_titles", allowed: "a list of AE titles that are answered here")
        let settings = ListenerSettings(
            name: reader.requiredText("name"),
            address: reader.text("address", allowed: "an address of this machine") ?? "127.0.0.1",
            port: reader.integer("port", in: 0...65_535, default: 0), aeTitles: reader.aeTitles("ae_titles"),
            tls: tlsFiles(reader))
        reader.finish()
        return settings
    }

    private enum RoleWord: String, CaseIterable { case modality, reader, pacs }

    private func source(_ reader: TableReader) -> SourceSettings {
        reader.requireKey("addresses", allowed: "a list of addresses and networks; [\"0.0.0.0/0\", \"::/0\"] is any")
        reader.requireKey("calling_ae_titles", allowed: "a list of AE titles")
        var settings = SourceSettings(
            name: reader.requiredText("name"), addresses: reader.addresses("addresses"),
            callingAEs: reader.aeTitles("calling_ae_titles"))
        let role = reader.word("role", RoleWord.self)
        let destination = reader.text("destination", allowed: "the name of a destination")
        switch (role, destination) {
        case (.reader, let name?): settings.role = .reader(destination: name)
        case (.pacs, let name?): settings.role = .pacs(destination: name)
        case (.reader, nil), (.pacs, nil):
            reader.fault("destination", "is missing", allowed: "the name of the destination that it is")
        case (_, .some): reader.fault("destination", "is for sources of role \"reader\" or \"pacs\" only")
        default: break
        }
        settings.listeners = reader.texts("listeners", of: "names of listeners")
        settings.calledAEs = reader.aeTitles("called_ae_titles")
        settings.certificate = reader.fingerprint("certificate_sha256")
        settings.unknownSOPClasses = reader.boolean("unknown_sop_classes", default: settings.unknownSOPClasses)
        settings.deflated = reader.boolean("deflated", default: settings.deflated)
        settings.unknownTransferSyntaxes = reader.boolean(
            "unknown_transfer_syntaxes", default: settings.unknownTransferSyntaxes)
        settings.quietPeriod = reader.duration("quiet_period", in: 1...86_400, default: settings.quietPeriod)
        let periods = reader.table("quiet_period_by_modality")
        for modality in periods.names {
            settings.quietPeriodByModality[modality] = periods.duration(
                modality, in: 1...86_400, default: settings.quietPeriod)
        }
        settings.conflictStatus =
            reader.integer("conflict_status", in: 0...0xFFFF).map { UInt16($0) } ?? settings.conflictStatus
        settings.maximumAssociations = reader.integer(
            "maximum_associations", in: 1...4096, default: settings.maximumAssociations)
        settings.commitment = commitmentRelay(reader.table("commitment"), isModality: settings.role == .modality)
        reader.finish()
        return settings
    }

    /// What is answered when the source asks for storage commitment; nil refuses it.
    private func commitmentRelay(_ reader: TableReader, isModality: Bool) -> CommitmentRelaySettings? {
        let by = reader.texts("by", of: "names of destinations that all have to have committed")
        let port = reader.integer("port", in: 1...65_535)
        let host = reader.text("host", allowed: "a host name or an address")
        let files = tlsFiles(reader)
        var settings = CommitmentRelaySettings(by: by, port: port ?? 104)
        settings.host = host
        settings.tls = files
        settings.deadline = reader.duration("deadline", in: 1...(366 * 86_400), default: settings.deadline)
        settings.giveUp = reader.duration("give_up", in: 1...(366 * 86_400), default: settings.giveUp)
        reader.finish()
        guard !by.isEmpty else { return nil }
        if port == nil { reader.fault("port", "is missing", allowed: "the port on which the modality takes answers") }
        if !isModality { reader.fault("by", "is for sources of role \"modality\" only") }
        return settings
    }
}
