// Words of the list of events.

struct EventsWords {
    let eventsTitle = Phrase("Händelser", "Events")
    let eventsNote = Phrase(
        "Avvisade anslutningar och annat som inte hör till någon undersökning. De nyaste först.",
        "Refused connections and what else belongs to no study. Newest first.")
    let eventKind = Phrase("Slag", "Kind")
    let eventsAll = Phrase("Även undersökningarnas", "Those of studies too")
    let noEventsFound = Phrase("Inga händelser passar.", "No event matches.")
}
