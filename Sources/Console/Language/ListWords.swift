// Words of the lists of transfers and reports.

struct ListWords {
    let transfersTitle = Phrase("Överföringar", "Transfers")
    let noTransfers = Phrase("Inga överföringar.", "No transfers.")
    let transferKey = Phrase("Överföring", "Transfer")
    let carries = Phrase("Bär", "Carries")
    let profile = Phrase("Profil", "Profile")
    let progress = Phrase("Framme", "Progress")
    let progressLong = Phrase("{0} av {1} objekt bekräftade", "{0} of {1} instances acknowledged")
    let heldInstances = Phrase("{0} hålls kvar", "{0} held")
    let created = Phrase("Planerad", "Planned")
    let finished = Phrase("Klar", "Finished")
    let nextAttempt = Phrase("Nästa försök", "Next attempt")
    let attemptsMade = Phrase("Försök", "Attempts")
    let pseudonym = Phrase("Granskarens Study UID", "The reader's Study UID")
    let limited = Phrase("Bara de första {0} visas.", "Only the first {0} are shown.")
    let reportsTitle = Phrase("Utlåtanden", "Reports")
    let noReports = Phrase("Inga utlåtanden.", "No reports.")
    let reportNote = Phrase(
        "Texten visas inte här: ett återställt utlåtande bär patientens namn.",
        "The text is not shown here: a restored report names the patient.")
    let reader = Phrase("Granskare", "Reader")
    let kind = Phrase("Slag", "Kind")
    let receivedAt = Phrase("Mottaget", "Received")
    let restoredAt = Phrase("Återställt", "Restored")
    let deliveredAt = Phrase("Levererat", "Delivered")
    let status = Phrase("Status", "Status")
}
