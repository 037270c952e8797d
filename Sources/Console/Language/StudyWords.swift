// Words of the page of one study.

struct StudyWords {
    let studyTitle = Phrase("Undersökning {0}", "Study {0}")
    let summary = Phrase("Översikt", "Summary")
    let studyUID = Phrase("Study Instance UID", "Study Instance UID")
    let firstInstance = Phrase("Första objektet", "First instance")
    let lastInstance = Phrase("Senaste objektet", "Last instance")
    let completed = Phrase("Komplett", "Complete")
    let followUps = Phrase("Sena delar", "Late parts")
    let followUpOfLabel = Phrase("Sen del av", "Late part of")
    let actions = Phrase("Åtgärder", "Actions")
    let actionsViewer = Phrase(
        "Du är inloggad för att se. Åtgärder kräver operatörens nyckel.",
        "You are signed in to look. Acting needs the operator's token.")
    let hold = Phrase("Håll kvar", "Hold")
    let holdReason = Phrase("Orsak (utan patientuppgifter)", "Reason (without patient data)")
    let release = Phrase("Släpp", "Release")
    let releaseHelp = Phrase(
        "Allt kvarhållet i undersökningen får gå vidare. Bilder som kan bära text räknas som granskade.",
        "All that is held in the study may go on. Pixels that may carry text count as looked at.")
    let releaseNeedsDestination = Phrase(
        "Ingen regel valde en granskare, så Släpp ändrar inget. Välj en under Skicka till.",
        "No rule chose a reader, so a release would change nothing. Choose one under Send to.")
    let leaveOut = Phrase("Lämna utanför", "Leave out")
    let releaseSure = Phrase(
        "Jag har tittat på det som hålls kvar för sina bilders skull ({0}): där står inget namn och inget annat som pekar ut någon.",
        "I have looked at what is held for its pixels ({0}): no name stands there, nor anything else that points to anybody."
    )
    let leaveOutSure = Phrase(
        "Ja, mottagaren får inte de kvarhållna objekten ({0})",
        "Yes, the destination does not get what is held ({0})")
    let heldTitle = Phrase("Kvarhållna objekt", "Held instances")
    let heldNote = Phrase(
        "Filerna ligger på porten: antipode study instances {0} --held visar var.",
        "The files lie on the gateway: antipode study instances {0} --held shows where.")
    let heldMore = Phrase("Bara de första {0} visas.", "Only the first {0} are shown.")
    let instanceKey = Phrase("Objekt", "Instance")
    let reason = Phrase("Orsak", "Reason")
    let series = Phrase("Serie", "Series")
    let retry = Phrase("Försök nu", "Retry now")
    let retryHelp = Phrase(
        "Kontroller och regler frågas om, och uppskjutna överföringar prövas genast.",
        "Checks and rules are asked again, and deferred transfers are tried at once.")
    let cancel = Phrase("Avbryt", "Cancel")
    let cancelSure = Phrase("Ja, skicka inte resten", "Yes, do not send the rest")
    let sendTo = Phrase("Skicka till", "Send to")
    let send = Phrase("Skicka", "Send")
    let sendHelp = Phrase("En överföring till, vad reglerna än sade.", "One more transfer, whatever the rules said.")
    let done = Phrase("Klart: {0}", "Done: {0}")
    let doneHold = Phrase("undersökningen hålls kvar.", "the study is held.")
    let doneRelease = Phrase("undersökningen är släppt.", "the study is released.")
    let doneRetry = Phrase("nytt försök är begärt.", "another try is asked for.")
    let doneLeaveOut = Phrase("det kvarhållna är lämnat utanför.", "what was held is left out.")
    let doneCancel = Phrase("undersökningen är avbruten.", "the study is cancelled.")
    let doneSend = Phrase("överföringen är planerad.", "the transfer is planned.")
    let timeline = Phrase("Händelser", "Events")
    let noEvents = Phrase("Inga händelser.", "No events.")
    let time = Phrase("Tid", "Time")
    let event = Phrase("Händelse", "Event")
    let detail = Phrase("Uppgift", "Detail")
    let actor = Phrase("Av", "By")
    let attempts = Phrase("Försök", "Attempts")
    let noAttempts = Phrase("Inga försök ännu.", "No attempts yet.")
    let lane = Phrase("Bana", "Lane")
    let started = Phrase("Började", "Started")
    let ended = Phrase("Slutade", "Ended")
    let result = Phrase("Utfall", "Outcome")
    let going = Phrase("pågår", "going on")
    let went = Phrase("Gick bra", "Went well")
    let rate = Phrase("Fart", "Speed")
    let why = Phrase("Varför den går dit den går", "Why it goes where it goes")
    let decided = Phrase("Beslut {0}, lokal tid {1}.", "Decided {0}, local time {1}.")
    let noRule = Phrase("Ingen regel passade. Inget skickas.", "No rule matched. Nothing is sent.")
    let chosen = Phrase("Vald", "Chosen")
    let notChosen = Phrase("Passade inte", "Did not match")
    let matchedToo = Phrase("Passade också", "Matched too")
    let wentWrong = Phrase("Misslyckades", "Failed")
    let conditions = Phrase("Villkor", "Conditions")
    let noExplanation = Phrase("Inget beslut är taget ännu.", "No decision has been made yet.")
}
