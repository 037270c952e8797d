// What a simulated radiologist says: the same findings whatever the pictures show.

/// Findings and impression in one language, with letters outside ASCII in Swedish as in a real report.
struct ReportText: Sendable {
    let title: Code
    let findings: [String]
    let impression: String
    let languageCode: Code

    /// - Parameters:
    ///   - patientID: stands once in the text, as readers like to write it.
    ///   - images: how many images the report is built on.
    init(_ language: ReportOptions.Language, modality: String, patientID: String, images: Int) {
        switch language {
        case .swedish:
            title = Code("18748-4", "LN", "Diagnostic imaging study")
            languageCode = Code("sv", "RFC5646", "Swedish")
            findings = [
                "Avser patient \(patientID). Granskade bilder: \(images).",
                modality == "MR"
                    ? "Ingen diffusionsinskränkning. Normalvida likvorrum. Medellinjen är rak, inga blödningsrester."
                    : "I höger överlob ses en 6 mm stor rund förtätning. Ingen pleuravätska, ingen pneumothorax.",
                "Inga förstorade lymfkörtlar. Skelettet är utan anmärkning för åldern.",
            ]
            impression =
                modality == "MR"
                ? "Inga hållpunkter för färsk ischemi eller expansiv förändring."
                : "Litet lungnodulus höger överlob, 6 mm. Åtgärd enligt gällande nodulusprogram föreslås."
        case .english:
            title = Code("18748-4", "LN", "Diagnostic imaging study")
            languageCode = Code("en", "RFC5646", "English")
            findings = [
                "Patient \(patientID). Images read: \(images).",
                modality == "MR"
                    ? "No restricted diffusion. The ventricles are of normal width. No midline shift, no haemorrhage."
                    : "There is a 6 mm round nodule in the right upper lobe. No pleural effusion, no pneumothorax.",
                "No enlarged lymph nodes. The skeleton is unremarkable for age.",
            ]
            impression =
                modality == "MR"
                ? "No sign of recent ischaemia or of a mass."
                : "Small nodule of the right upper lobe, 6 mm. Follow-up by the local programme is suggested."
        }
    }
}
