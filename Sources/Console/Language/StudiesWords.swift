// Words of the list of studies.

struct StudiesWords {
    let studiesTitle = Phrase("Undersökningar", "Studies")
    let search = Phrase("Sök", "Search")
    let searchHelp = Phrase(
        "Nyckel (S12), Study Instance UID eller början av en, accessionsnummer eller patient-ID. "
            + "De två sista hamnar aldrig i adressen.",
        "Key (S12), Study Instance UID or the start of one, accession number or patient ID. "
            + "The last two never enter the address."
    )
    let needsPerson = Phrase("Behöver en människa", "Needs a person")
    let heldShort = Phrase("{0} hålls kvar", "{0} held")
    let modality = Phrase("Modalitet", "Modality")
    let since = Phrase("Från och med", "From")
    let until = Phrase("Till och med", "To")
    let received = Phrase("Mottagen", "Received")
    let bodyPart = Phrase("Kroppsdel", "Body part")
    let noStudies = Phrase("Inga undersökningar passar.", "No study matches.")
    let followUp = Phrase("sen del av {0}", "late part of {0}")
    let pageNumber = Phrase("Sida {0}", "Page {0}")
    let foundBy = Phrase(
        "Träffar på det du sökte. Sökorden visas och sparas inte.",
        "Matches for what you looked for. The words are neither shown nor kept.")
    let foundFull = Phrase("Bara de {0} nyaste visas.", "Only the newest {0} are shown.")
    let badDate = Phrase("Datumet kunde inte läsas. Skriv ÅÅÅÅ-MM-DD.", "The date could not be read. Write YYYY-MM-DD.")
    let textRefused = Phrase(
        "Det sökta ser ut att kunna peka ut en patient och får inte stå i adressen. Skriv det i sökfältet i stället.",
        "What is looked for could identify a patient and must not stand in the address. "
            + "Write it in the search field instead."
    )
}
