// The desk's stable words (states, events, codes) in both languages. A word that is not here is shown as it came.

/// How a state looks: never by colour alone, each tone has its own sign.
enum Tone: String, Sendable {
    case good, moving, waiting, attention, ended

    var sign: String {
        switch self {
        case .good: "✓"
        case .moving: "▸"
        case .waiting: "◷"
        case .attention: "!"
        case .ended: "–"
        }
    }
}

enum StateWords {
    static let studies: [(raw: String, tone: Tone, phrase: Phrase)] = [
        ("receiving", .moving, Phrase("Tas emot", "Receiving")),
        ("complete", .waiting, Phrase("Komplett", "Complete")),
        ("planned", .moving, Phrase("På väg", "Planned")),
        ("delivered", .good, Phrase("Levererad", "Delivered")),
        ("held", .attention, Phrase("Kvarhållen", "Held")),
        ("cancelled", .ended, Phrase("Avbruten", "Cancelled")),
    ]

    static let transfers: [(raw: String, tone: Tone, phrase: Phrase)] = [
        ("waiting", .waiting, Phrase("Väntar", "Waiting")),
        ("active", .moving, Phrase("Skickas", "Sending")),
        ("deferred", .waiting, Phrase("Uppskjuten", "Deferred")),
        ("held", .attention, Phrase("Kvarhållen", "Held")),
        ("acknowledged", .good, Phrase("Bekräftad", "Acknowledged")),
        ("confirmed", .good, Phrase("Lagring bekräftad", "Storage committed")),
        ("cancelled", .ended, Phrase("Avbruten", "Cancelled")),
    ]

    static let reports: [(raw: String, tone: Tone, phrase: Phrase)] = [
        ("received", .moving, Phrase("Mottaget", "Received")),
        ("matched", .moving, Phrase("Kopplat", "Matched")),
        ("restored", .moving, Phrase("Återställt", "Restored")),
        ("delivered", .good, Phrase("Levererat", "Delivered")),
        ("held", .attention, Phrase("Kvarhållet", "Held")),
        ("discarded", .ended, Phrase("Kastat", "Discarded")),
    ]

    static let circuits: [(raw: String, tone: Tone, phrase: Phrase)] = [
        ("closed", .good, Phrase("Fungerar", "Working")),
        ("open", .attention, Phrase("Bruten", "Broken")),
        ("halfOpen", .moving, Phrase("Prövas", "Being tried")),
        ("unconfigured", .attention, Phrase("Inte längre inställd", "No longer configured")),
    ]

    /// By the desk's word in lower case: DICOM's own (PS3.3 C.4.11) are in upper case.
    static let priorities: [String: Phrase] = [
        "stat": Phrase("Akut", "Stat"), "high": Phrase("Förtur", "High"), "urgent": Phrase("Förtur", "Urgent"),
        "medium": Phrase("Normal", "Normal"), "normal": Phrase("Normal", "Normal"),
        "routine": Phrase("Planerad", "Routine"), "low": Phrase("Låg", "Low"),
    ]

    static let roles: [String: Phrase] = [
        "reader": Phrase("granskare", "reader"), "pacs": Phrase("PACS", "PACS"), "ris": Phrase("RIS", "RIS"),
        "archive": Phrase("arkiv", "archive"),
    ]

    static let events: [String: Phrase] = [
        "received": Phrase("Mottagen", "Received"), "completed": Phrase("Komplett", "Complete"),
        "planned": Phrase("Planerad", "Planned"), "held": Phrase("Kvarhållen", "Held"),
        "released": Phrase("Släppt", "Released"), "acknowledged": Phrase("Bekräftad", "Acknowledged"),
        "conflict": Phrase("Annat innehåll under samma UID", "Other content under the same UID"),
        "cancelled": Phrase("Avbruten", "Cancelled"), "retried": Phrase("Nytt försök begärt", "Another try asked for"),
        "deferred": Phrase("Uppskjuten", "Deferred"), "delivered": Phrase("Levererad", "Delivered"),
        "sent": Phrase("Skickad av en människa", "Sent by a person"), "late": Phrase("Sen del", "Late part"),
        "followUp": Phrase("Sen del", "Late part"), "missing": Phrase("Fil saknas", "File missing"),
        "cameAgain": Phrase("Kom på nytt", "Came again"),
        "reportReceived": Phrase("Utlåtande mottaget", "Report received"),
        "reportMatched": Phrase("Utlåtande kopplat", "Report matched"),
        "reportHeld": Phrase("Utlåtande kvarhållet", "Report held"),
        "reportRestored": Phrase("Utlåtande återställt", "Report restored"),
        "reportGivenUp": Phrase("Frågar inte mer efter utlåtande", "No more asking for a report"),
        "reportDelivered": Phrase("Utlåtande levererat", "Report delivered"),
        "swept": Phrase("Filer borttagna", "Files removed"),
        "leftOut": Phrase("Lämnat utanför", "Left out"), "setAside": Phrase("Lagd åt sidan", "Set aside"),
        "confirmed": Phrase("Lagring bekräftad", "Storage committed"),
        "notCommitted": Phrase("Lagring inte bekräftad", "Storage not committed"),
        "commitmentGivenUp": Phrase("Frågar inte mer efter lagring", "No more asking for a commitment"),
        "commitmentAnswered": Phrase("Modalitet fick svar om lagring", "Modality told about commitment"),
        "commitmentNotAnswered": Phrase(
            "Modalitet kunde inte få svar om lagring", "Modality could not be told about commitment"),
        "backup": Phrase("Säkerhetskopia gjord", "Backup made"),
        "started": Phrase("Startad", "Started"), "stopped": Phrase("Stoppad", "Stopped"),
        "reloaded": Phrase("Inställningar lästa på nytt", "Configuration reloaded"),
        "reloadFailed": Phrase("Nya inställningar avvisade", "Reload refused"),
        "circuitOpened": Phrase("Mottagare svarar inte", "Destination does not answer"),
        "circuitClosed": Phrase("Mottagare svarar igen", "Destination answers again"),
        "certificateEnds": Phrase("Certifikat går ut", "Certificate ends"),
        "clockSet": Phrase("Klockan ställdes", "Clock set"),
        "reportNote": Phrase("Om återställningen", "About the restoration"),
        "reportOnPart": Phrase("Utlåtande på en del av bilderna", "Report on a part of the images"),
        "reportBound": Phrase("Utlåtande kopplat av en människa", "Report bound by a person"),
        "reportDiscarded": Phrase("Utlåtande kastat", "Report discarded"),
        "connectionRefused": Phrase("Anslutning avvisad", "Connection refused"),
        "connectionFailed": Phrase("Anslutning misslyckad", "Connection failed"),
        "associationRejected": Phrase("Association avvisad", "Association rejected"),
        "associationEnded": Phrase("Association bröts", "Association broken off"),
        "refused": Phrase("Objekt avvisat", "Instance refused"),
    ]

    static func phrase(_ raw: String, in table: [(raw: String, tone: Tone, phrase: Phrase)]) -> (Tone, Phrase) {
        guard let entry = table.first(where: { $0.raw == raw }) else { return (.waiting, Phrase(raw, raw)) }
        return (entry.tone, entry.phrase)
    }
}
