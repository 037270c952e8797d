// A heading in both languages for each code of a failure, and what to do on these pages about the common ones.

enum NoticeWords {
    static let codes: [String: Phrase] = [
        "connectFailed": Phrase("Ingen förbindelse", "No connection"),
        "connectTimedOut": Phrase("Förbindelsen svarade inte i tid", "The connection was not answered in time"),
        "tlsFailed": Phrase("TLS misslyckades", "TLS failed"),
        "certificateExpired": Phrase("Certifikatet har gått ut", "The certificate has expired"),
        "certificateRefused": Phrase("Certifikatet godtogs inte", "The certificate was refused"),
        "associationRejectedTransient": Phrase("Associationen avvisades för stunden", "Association rejected for now"),
        "associationRejectedPermanent": Phrase("Associationen avvisades", "Association rejected"),
        "associationAborted": Phrase("Associationen avbröts", "Association aborted"),
        "peerTimedOut": Phrase("Motparten slutade svara", "The peer stopped answering"),
        "connectionLost": Phrase("Förbindelsen bröts", "Connection lost"),
        "protocolError": Phrase("Motparten bröt mot protokollet", "The peer broke the protocol"),
        "noPresentationContext": Phrase(
            "Motparten tar inte slaget av objekt", "The peer does not take this kind of object"),
        "outOfResources": Phrase("Motparten har slut på resurser", "The peer is out of resources"),
        "sopClassNotSupported": Phrase("Motparten stöder inte SOP-klassen", "The peer does not support the SOP class"),
        "notAuthorized": Phrase("Motparten tillåter det inte", "The peer does not allow it"),
        "dataSetMismatch": Phrase("Objektet stämmer inte med sin SOP-klass", "The object does not match its SOP class"),
        "cannotUnderstand": Phrase("Motparten förstod inte objektet", "The peer could not understand the object"),
        "refusedByPeer": Phrase("Motparten tog inte emot objektet", "The peer refused the object"),
        "unreadable": Phrase("Objektet kan inte läsas", "The object cannot be read"),
        "unwalkable": Phrase("Objektets uppbyggnad är trasig", "The object's structure is broken"),
        "tooLarge": Phrase("För stort", "Too large"),
        "missingFile": Phrase("Filen saknas", "The file is missing"),
        "notCommitted": Phrase(
            "Mottagaren har inte bekräftat lagringen", "The destination has not committed to storing it"),
        "damagedFile": Phrase("Filen är skadad på disken", "The file is damaged on disk"),
        "identifiersMissing": Phrase("Identifierare saknas", "Identifiers are missing"),
        "identityFound": Phrase("Identitet hittad i det som skulle skickas", "Identity found in what would be sent"),
        "pixelsMayIdentify": Phrase("Bilden kan bära text om patienten", "Pixels may carry text about the patient"),
        "documentMayIdentify": Phrase("Dokumentet kan peka ut patienten", "The document may identify the patient"),
        "profileMissing": Phrase("Profil saknas", "The profile is missing"),
        "vaultUnavailable": Phrase("Valvet är inte tillgängligt", "The vault is not available"),
        "vaultDamaged": Phrase("En del av valvet kan inte läsas", "A part of the vault cannot be read"),
        "mixedPatients": Phrase("Flera patienter i samma undersökning", "Several patients in one study"),
        "reportUnmatched": Phrase("Utlåtandet hör inte till något känt", "The report matches nothing known"),
        "reportContradicts": Phrase("Utlåtandet motsäger sig", "The report contradicts itself"),
        "reportIncomplete": Phrase("Utlåtandet är ofullständigt", "The report is incomplete"),
        "reportConflict": Phrase(
            "Samma UID kom igen med annat innehåll", "The same UID came again with other content"),
        "reportOverdue": Phrase("Inget utlåtande kom i tid", "No report came in time"),
        "characterSetUnfit": Phrase(
            "Utlåtandets teckenuppsättning rymmer inte identiteten",
            "The report's character set has no room for the identity"),
        "characterSetMissing": Phrase(
            "Utlåtandet säger inte hur dess tecken ska läsas", "The report does not say how its characters are read"),
        "documentUnreadable": Phrase("Dokumentet kan inte läsas", "The document cannot be read"),
        "mapForgotten": Phrase("Patientens karta är raderad", "The patient's map was erased"),
        "tokenDamaged": Phrase("Pseudonymen är skadad", "The pseudonym is damaged"),
        "patientDiffers": Phrase("Utlåtandet beskriver någon annan", "The report describes somebody else"),
        "workerDied": Phrase("Arbetaren dog", "The worker died"),
        "workerTooSlow": Phrase("Arbetaren var för långsam", "The worker was too slow"),
        "spoolFull": Phrase("Disken är full", "The disk is full"),
        "ioError": Phrase("Läs- eller skrivfel", "Read or write error"),
        "journalDamaged": Phrase("Journalen är skadad", "The journal is damaged"),
        "setAside": Phrase("Lagd åt sidan", "Set aside"),
        "cancelled": Phrase("Avbruten", "Cancelled"),
        "unexpected": Phrase("Oväntat fel", "Unexpected error"),
        "operator": Phrase("Hålls av en människa", "Held by a person"),
        "rule": Phrase("Ingen regel skickar den", "No rule sends it"),
        "latePart": Phrase("Sen del av en kvarhållen undersökning", "Late part of a study that is held"),
        "held": Phrase("Kvarhållen", "Held"),
        "down": Phrase("Tjänsten är inte igång", "The service is not running"),
        "putOff": Phrase("Försöks om och om igen", "Tried again and again"),
        "stuck": Phrase("Ett steg står still", "A stage stands still"),
        "unconfigured": Phrase(
            "Mottagaren finns inte längre i inställningarna", "The destination is no longer configured"),
        "stateFull": Phrase("Journalens disk är snart full", "The journal's disk is nearly full"),
    ]

    /// Instead of the desk's hint, which names commands: what a person can do with the buttons of a study's page.
    static let hints: [String: Phrase] = [
        "pixelsMayIdentify": Phrase(
            "Titta på bilderna. Visar de inget namn: Släpp. Annars: Lämna utanför, så går resten.",
            "Look at the images. If they show no name: Release. Otherwise: Leave out, and the rest goes on."),
        "documentMayIdentify": Phrase(
            "Dokument bär identiteten inuti och släpps aldrig. Lämna utanför, så går resten.",
            "Documents hold the identity inside and are never released. Leave out, and the rest goes on."),
        "identityFound": Phrase(
            "Inget av det skickades. Rätta vid källan, eller Lämna utanför, så går resten.",
            "Nothing of it was sent. Correct it at the source, or Leave out, and the rest goes on."),
        "rule": Phrase(
            "Välj en mottagare under Skicka till, eller rätta reglerna och tryck Försök nu.",
            "Choose a destination under Send to, or mend the rules and press Retry now."),
        "mixedPatients": Phrase(
            "Rätta vid källan. Släpp bara om du har sett att patienten är en och samma.",
            "Correct it at the source. Release only if you have seen that the patient is one and the same."),
        "latePart": Phrase("Släpp låter den gå för sig.", "Release lets it go on by itself."),
        "operator": Phrase("Släpp låter den gå vidare.", "Release lets it go on."),
        "profileMissing": Phrase(
            "Lägg tillbaka mottagaren i inställningarna och tryck Släpp, eller välj en annan under Skicka till.",
            "Put the destination back into the configuration and press Release, or choose another under Send to."),
        "unconfigured": Phrase(
            "Lägg tillbaka mottagaren i inställningarna, så går det vidare. Annars: Avbryt, och välj en annan under Skicka till.",
            "Put the destination back into the configuration, and it goes on. Otherwise: Cancel, and choose another under "
                + "Send to."),
        "missingFile": Phrase(
            "Skicka om från källan, eller Lämna utanför, så går resten.",
            "Send it again from its source, or Leave out, and the rest goes on."),
        "damagedFile": Phrase(
            "Skicka om från källan, eller Lämna utanför, så går resten.",
            "Send it again from its source, or Leave out, and the rest goes on."),
        "setAside": Phrase(
            "Försök nu skickar det en gång till. Lämna utanför går vidare utan det.",
            "Retry now sends it once more. Leave out goes on without it."),
        "refusedByPeer": refused, "cannotUnderstand": refused, "dataSetMismatch": refused,
        "sopClassNotSupported": refused, "noPresentationContext": refused,
        "reportIncomplete": Phrase(
            "Vänta på det hela, eller öppna utlåtandet och tryck Släpp.",
            "Wait for the whole one, or open the report and press Release."),
        "reportUnmatched": Phrase(
            "Fråga granskaren vilken undersökning det gäller. Öppna sedan utlåtandet och koppla eller kasta det.",
            "Ask the reader which study it is about. Then open the report and bind or discard it."),
        "reportOverdue": Phrase(
            "Fråga granskaren. Försök nu frågar igen från och med nu, Släpp slutar vänta på det.",
            "Ask the reader. Retry now asks again from now on, Release waits for it no more."),
        "characterSetUnfit": Phrase(
            "Be granskaren skicka det på nytt i UTF-8 (ISO_IR 192), öppna sedan utlåtandet och kasta det.",
            "Ask the reader for it anew in UTF-8 (ISO_IR 192), then open the report and discard it."),
        "patientDiffers": Phrase(
            "Läs det. Gäller det patienten: öppna utlåtandet och tryck Släpp. Annars: fråga granskaren och kasta det.",
            "Read it. If it is about the patient, open the report and press Release. If not, ask the reader and discard it."
        ),
        "reportContradicts": wrongPatient, "tokenDamaged": wrongPatient,
    ]

    private static let refused = Phrase(
        "Tala med mottagaren och tryck sedan Försök nu. Lämna utanför går vidare utan dem.",
        "Talk to the destination, then press Retry now. Leave out goes on without them.")
    private static let wrongPatient = Phrase(
        "Det kan gälla en annan patient. Be granskaren skicka det på nytt, öppna sedan utlåtandet och kasta det.",
        "It may be about another patient. Ask the reader for it anew, then open the report and discard it.")
}
