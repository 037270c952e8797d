// The sentences, by the place in the program where they are made.

extension DetailWords {
    static let sentences: [(english: String, swedish: String)] =
        holding + planning + wayBack + roads + door + house + surroundings

    private static let door: [(english: String, swedish: String)] = [
        ("nobody here is called {}", "ingen här heter {0}"),
        ("no source at this address is called {}", "ingen avsändare på den adressen heter {0}"),
        ("{} may not call {}", "{0} får inte anropa {1}"),
        ("the certificate is not that of {}", "certifikatet är inte {0}:s"),
        ("{} associations are open in all", "{0} associationer är öppna sammanlagt"),
        ("{} associations are open from {}", "{0} associationer är öppna från {1}"),
        ("no source may come from this address", "ingen avsändare får komma från den adressen"),
        ("object {} from {} with status {}: {}, {}", "objekt {0} från {1} med status {2}: {3}, {4}"),
        ("{} from {} with status {}: {}, {}", "{0} från {1} med status {2}: {3}, {4}"),
        ("an object without a valid UID", "ett objekt utan giltigt UID"),
        (
            "{} of {} after {} stored: {}, with object {} on its way",
            "{0} från {1} efter {2} lagrade: {3}, med objekt {4} på väg in"
        ),
        (
            "{} of {} after {} stored: {}, with an object without a valid UID on its way",
            "{0} från {1} efter {2} lagrade: {3}, med ett objekt utan giltigt UID på väg in"
        ),
        ("{} of {} after {} stored: {}: {}", "{0} från {1} efter {2} lagrade: {3}: {4}"),
        ("{} of {} after {} stored: {}", "{0} från {1} efter {2} lagrade: {3}"),
        ("{} on {}: {}, {} more within a minute", "{0} på {1}: {2}, {3} till inom en minut"),
        ("{} on {}: {}", "{0} på {1}: {2}"),
        ("other addresses", "andra adresser"), ("and other reasons", "och andra skäl"),
        ("asked for {}", "bad om {0}"),
        ("aborted", "avbruten av motparten"), ("timedOut", "för lång tystnad"), ("tooSlow", "för långsam"),
        ("garbage", "inte DICOM"), ("noCommonContext", "inget gemensamt slag av objekt"),
    ]

    private static let holding: [(english: String, swedish: String)] = [
        ("ultrasound, captured or photographic images", "ultraljud, skärmdumpar eller fotografier"),
        (
            "a storage class that is not known to hold primary images",
            "en lagringsklass som inte är känd för att bära primära bilder"
        ),
        ("modality {}", "modalitet {0}"),
        ("Burned In Annotation (0028,0301) is YES", "Burned In Annotation (0028,0301) är YES"),
        ("a captured or digitised image", "en avfotograferad eller inskannad bild"),
        ("an overlay inside the pixel data", "ett överlägg inne i bildpunkterna"),
        ("colour where the modality has none", "färg där modaliteten inte har någon"),
        ("Image Type (0008,0008) of a screen", "Image Type (0008,0008) för en skärmbild"),
        ("Image Type (0008,0008) is SECONDARY", "Image Type (0008,0008) är SECONDARY"),
        ("the description of a screen or paper", "beskrivningen av en skärm eller ett papper"),
        ("the file is not in the spool", "filen finns inte i mellanlagret"),
        ("the file of {} is not in the spool", "filen för {0} finns inte i mellanlagret"),
        ("{} of 1 instance to {}: {}", "{0} av 1 objekt till {1}: {2}"),
        ("{} of {} instances to {}: {}", "{0} av {1} objekt till {2}: {3}"),
        ("{} of 1 instance to {}", "{0} av 1 objekt till {1}"),
        ("{} of {} instances to {}", "{0} av {1} objekt till {2}"),
        ("an instance to {}: {}, {}", "ett objekt till {0}: {1}, {2}"),
        ("the delivery of {} to {}: {}", "leveransen av {0} till {1}: {2}"),
        ("report {}: {}", "utlåtande {0}: {1}"),
        (
            "{} workers ended, or had no memory left, while they sent it: {}",
            "{0} arbetare dog, eller fick slut på minne, medan de skickade det: {1}"
        ),
        (
            "{} workers ended, or had no memory left, while they sent it",
            "{0} arbetare dog, eller fick slut på minne, medan de skickade det"
        ),
    ]

    private static let planning: [(english: String, swedish: String)] = [
        ("No rule names this exam.", "Ingen regel gäller den här undersökningen."),
        ("rule {}: {}", "regel {0}: {1}"),
        ("{}; further patients were named since", "{0}; ytterligare patienter har angetts sedan dess"),
        ("{}; besides, {} holds it: {}", "{0}; dessutom kvarhåller {1} den: {2}"),
        (
            "images that came again under the same UIDs name another patient; the first are kept",
            "bilder som kom igen under samma UID anger en annan patient; de första är kvar"
        ),
        (
            "images came again under the same UIDs with other content, and the vault could not say whose; the first are kept",
            "bilder kom igen under samma UID med annat innehåll, och valvet kunde inte säga vems; de första är kvar"
        ),
        (
            "an image that came while it was sent names another patient",
            "en bild som kom medan den skickades anger en annan patient"
        ),
        (
            "{} tries of what it belongs to without success: {}",
            "{0} försök utan framgång med det som den hör till: {1}"
        ),
        ("a file of the study cannot be read now: {}", "en fil i undersökningen kan inte läsas nu: {0}"),
        (
            "its images, those of its earlier parts included, name {} different patients",
            "bilderna, de tidigare delarnas inräknade, anger {0} olika patienter"
        ),
        (
            "its images, those of its earlier parts included, differ in the patient's name or birth date, and agree in no two of number, name and birth date",
            "bilderna, de tidigare delarnas inräknade, skiljer sig i patientens namn eller födelsedatum, och två av nummer, namn och födelsedatum stämmer inte överens"
        ),
        ("it is a late part of {}, which is held", "den är en sen del av {0}, som är kvarhållen"),
        ("it is a late part of {}, which is cancelled", "den är en sen del av {0}, som är avbruten"),
        ("{} is not in the configuration", "{0} finns inte i inställningarna"),
        ("{} has no instance to send", "{0} har inget objekt att skicka"),
        ("to nowhere", "ingenstans"),
        ("to {} by rule {}", "till {0} enligt regel {1}"),
        ("for {}", "för {0}"),
        ("1 instance by {}", "1 objekt av {0}"),
        ("{} instances by {}", "{0} objekt av {1}"),
        ("1 instance", "1 objekt"),
        ("{} instances", "{0} objekt"),
    ]

    private static let wayBack: [(english: String, swedish: String)] = [
        (
            "its Study Instance UID (0020,000D) is not that of a study we sent",
            "dess Study Instance UID (0020,000D) är inte någon undersöknings som vi har skickat"
        ),
        (
            "the study was sent to {}, the report came from {}",
            "undersökningen skickades till {0}, utlåtandet kom från {1}"
        ),
        (
            "its evidence names a study that we never sent",
            "dess underlag anger en undersökning som vi aldrig har skickat"
        ),
        (
            "its evidence names only studies that we never sent",
            "dess underlag anger bara undersökningar som vi aldrig har skickat"
        ),
        (
            "it answers a request for a study that we never sent",
            "det besvarar en remiss för en undersökning som vi aldrig har skickat"
        ),
        ("{} has characters without a place in {}", "{0} har tecken som inte ryms i {1}"),
        ("{} has given no report; last: {}", "{0} har inte gett något utlåtande; senast: {1}"),
        ("{} has given no report, asked {} times", "{0} har inte gett något utlåtande, tillfrågad {1} gånger"),
        ("{} was too long to be kept, and is not restored", "{0} var för lång för att sparas och återställs inte"),
        ("{} could not be read, and is not restored", "{0} gick inte att läsa och återställs inte"),
        (
            "it names the study but neither the patient nor the order",
            "det anger undersökningen men varken patienten eller remissen"
        ),
        (
            "{} and the Study Instance UID belong to different patients or orders",
            "{0} och Study Instance UID hör till olika patienter eller remisser"
        ),
        ("its evidence", "dess underlag"),
        ("its Completion Flag (0040,A491) is PARTIAL", "dess Completion Flag (0040,A491) är PARTIAL"),
        ("its Verification Flag (0040,A493) is UNVERIFIED", "dess Verification Flag (0040,A493) är UNVERIFIED"),
        ("its Preliminary Flag (0040,A496) is PRELIMINARY", "dess Preliminary Flag (0040,A496) är PRELIMINARY"),
        ("it amends a report that came before (0040,A360)", "det ändrar ett utlåtande som kom tidigare (0040,A360)"),
        ("{} does not belong to the study of the report", "{0} hör inte till utlåtandets undersökning"),
        ("{} holds a token that is not whole", "{0} bär en pseudonym som inte är hel"),
        ("the vault no longer knows the study's identity", "valvet känner inte längre undersökningens identitet"),
        (
            "restoring gave it another study than it was matched to",
            "återställningen gav en annan undersökning än den som det kopplades till"
        ),
        ("the restored report lacks a valid UID", "det återställda utlåtandet saknar en giltig UID"),
        ("The document inside still shows tokens.", "Dokumentet inuti visar fortfarande pseudonymer."),
        ("a digital signature was dropped", "en digital signatur togs bort"),
        ("text written in {}", "text skriven i {0}"),
        (
            "{} differs from the study; the study's value was kept",
            "{0} skiljer sig från undersökningen; undersökningens värde behölls"
        ),
        (
            "8-bit text without (0008,0005), declared as {}",
            "8-bitarstext utan (0008,0005), angiven som {0}"
        ),
        ("the reader had {} of {} images of {}", "granskaren hade {0} av {1} bilder ur {2}"),
        ("{} to {}, two keys agree", "{0} till {1}, två nycklar stämmer"),
        ("{} to {}, against its keys: {}", "{0} till {1}, mot dess nycklar: {2}"),
        ("{} is not asked any more", "{0} tillfrågas inte längre"),
    ]

    private static let roads: [(english: String, swedish: String)] = [
        (
            "check host, port and firewall, and that the peer runs",
            "Kontrollera värd, port och brandvägg, och att motparten är igång."
        ),
        ("check host, port and firewall", "Kontrollera värd, port och brandvägg."),
        (
            "check the configured certificate, key and authority files, and who may read them",
            "Kontrollera filerna för certifikat, nyckel och utfärdare, och vem som får läsa dem."
        ),
        (
            "check that both sides speak TLS 1.2 or 1.3 on this port",
            "Kontrollera att båda talar TLS 1.2 eller 1.3 på porten."
        ),
        ("renew the certificate, and check both clocks", "Förnya certifikatet, och kontrollera bådas klockor."),
        (
            "compare the authorities that both sides trust, and the pinned fingerprint if there is one",
            "Jämför vilka utfärdare båda litar på, och fingeravtrycket om ett är angivet."
        ),
        (
            "the peer takes none of the proposed SOP classes and transfer syntaxes",
            "Motparten tar ingen av de föreslagna SOP-klasserna och överföringssyntaxerna."
        ),
        (
            "compare AE titles and addresses with the peer's settings",
            "Jämför AE-titlar och adresser med motpartens inställningar."
        ),
        ("C-ECHO was answered with another status", "C-ECHO besvarades med en annan status"),
    ]

    private static let house: [(english: String, swedish: String)] = [
        ("the spool is below its floor of free space", "mellanlagret är under sitt golv för ledigt utrymme"),
        (
            "Objects are refused with A700 until space is free; sending goes on.",
            "Objekt avvisas med A700 tills det finns utrymme; det skickas som vanligt."
        ),
        ("the spool holds as many bytes as it may", "mellanlagret rymmer så mycket som det får"),
        (
            "Objects are refused with A700 until files are swept; sending goes on.",
            "Objekt avvisas med A700 tills filer har städats bort; det skickas som vanligt."
        ),
        ("no progress in {}", "inget händer i {0}"),
        ("Restart the service.", "Starta om tjänsten."),
        (
            "Put the vault's key back; nothing is sent until then.",
            "Lägg tillbaka valvets nyckel; inget skickas förrän dess."
        ),
        (
            "What it concerns is held, the rest goes on. Keep a copy of the state folder, and restore.",
            "Det som berörs hålls kvar, resten går vidare. Spara en kopia av tillståndsmappen och återställ."
        ),
        ("no daemon answers", "ingen tjänst svarar"),
        ("systemctl status antipode says why.", "systemctl status antipode säger varför."),
    ]

    /// Words around the sentences.
    private static let surroundings: [(english: String, swedish: String)] = [
        ("to {}: {}", "till {0}: {1}"),
        ("to {}", "till {0}"),
        ("from {}", "från {0}"),
        ("Patient ID (0010,0020)", "Patient ID (0010,0020)"),
        ("operator: {}", "operator: {0}"),
    ]
}
