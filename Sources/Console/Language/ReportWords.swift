// Words of the page of one report.

struct ReportWords {
    let reportTitle = Phrase("Utlåtande {0}", "Report {0}")
    let reportNotes = Phrase("Om återställningen", "About the restoration")
    let deliveries = Phrase("Leveranser", "Deliveries")
    let reportRelease = Phrase("Släpp", "Release")
    let reportReleaseHelp = Phrase(
        "Det levereras som det är.", "It is delivered as it is.")
    let reportRetry = Phrase("Försök nu", "Retry now")
    let reportRetryHelp = Phrase("Alla kontroller görs om.", "Every check is asked again.")
    let bind = Phrase("Koppla", "Bind")
    let bindStudy = Phrase("Undersökning som det svarar på (S12)", "Study that it answers (S12)")
    let bindHelp = Phrase(
        "Två av nycklarna (undersökning, patient, remiss) måste stämma och ingen säga emot.",
        "Two of its keys (study, patient, order) must agree and none contradict.")
    let bindAgainst = Phrase(
        "Om de inte stämmer: hur du vet det ändå (hamnar i journalen, utan patientuppgifter)",
        "If they do not agree: how you know all the same (stands in the journal, without patient data)")
    let discard = Phrase("Kasta", "Discard")
    let discardReason = Phrase("Orsak (utan patientuppgifter)", "Reason (without patient data)")
    let doneReportRelease = Phrase("utlåtandet är släppt.", "the report is released.")
    let doneReportRetry = Phrase("alla kontroller görs om.", "every check is asked again.")
    let doneBind = Phrase("utlåtandet är kopplat.", "the report is bound.")
    let doneDiscard = Phrase("utlåtandet är kastat.", "the report is discarded.")
    let errorStudy = Phrase("Skriv undersökningens nyckel, till exempel S12.", "Write the study's key, such as S12.")
}
