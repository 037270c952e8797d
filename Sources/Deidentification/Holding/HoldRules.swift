// What is never sent without a person's word: header editing cannot reach what is drawn, photographed or written inside.

package import DICOMVocabulary

/// Whether an instance may go to a reader that must not know the patient. Default deny: a storage class that is not known
/// to hold primary images or a document that is cleaned is held (docs/deidentification.md).
package enum HoldRules {
    /// nil lets the instance pass. `pixelsReleased` is a person's or the site's word for the pixels; it says nothing about
    /// documents.
    package static func reason(for facts: HoldFacts, pixelsReleased: Bool, options: Set<ConfidentialityOption>)
        -> Failure?
    {
        let arc = facts.sopClass.string
        guard arc.hasPrefix(root) else {
            return facts.hasPixels
                ? pixels("a private storage class", pixelsReleased) : document("a private storage class")
        }
        let kind = String(arc.dropFirst(root.count))
        if kind.hasPrefix("9.4.") || facts.hasAudio { return document("a sound recording") }
        if kind.hasPrefix("104.") {
            guard facts.isReplacedDocument else { return document("an encapsulated document") }
        }
        if kind.hasPrefix("88.") {
            guard options.contains(.cleanStructuredContent) else {
                return document("a structured document, and option 113104 is off")
            }
        }
        if facts.burnedInAnnotation == "YES", facts.hasPixelData || facts.hasPixels && !isWithoutPixels(kind) {
            return pixels("Burned In Annotation (0028,0301) is YES", pixelsReleased)
        }
        if isWithoutPixels(kind) || others.contains(kind) {
            return facts.hasPixelData && isWithoutPixels(kind)
                ? pixels("pixel data in an object of a class that has none", pixelsReleased) : nil
        }
        guard facts.hasPixels || primary.contains(kind) || photographic.contains(where: kind.hasPrefix) else {
            return document("a storage class that is not known here")
        }
        return pixelReason(facts, kind).flatMap { pixels($0, pixelsReleased) }
    }

    private static let root = "1.2.840.10008.5.1.4.1.1."

    /// Images whose pixels come from the detector or from its reconstruction.
    private static let primary: Set<String> = [
        "1", "1.1", "1.1.1", "1.2", "1.2.1", "1.3", "1.3.1", "2", "2.1", "2.2", "4", "4.1", "4.2", "4.3", "4.4",
        "12.1", "12.1.1", "12.2", "12.2.1", "13.1.1", "13.1.2", "13.1.3", "13.1.4", "13.1.5", "20", "30", "128",
        "128.1", "130", "481.1", "481.2",
    ]

    /// Objects without writing in pixels whose header and sequences are cleaned: registrations, fiducials, segmentations,
    /// real world values, radiotherapy structures and plans.
    private static let others: Set<String> = [
        "66.1", "66.2", "66.3", "66.4", "66.5", "66.6", "67", "481.3", "481.4", "481.5", "481.6", "481.7", "481.8",
        "481.9", "66.7", "66.8",
    ]

    /// Documents, structured reports, presentation states, waveforms, and what else is made of attributes alone.
    private static func isWithoutPixels(_ kind: String) -> Bool {
        if ["88.", "11.", "9.", "104."].contains(where: kind.hasPrefix) { return true }
        return others.contains(kind) && !segmentations.contains(kind)
    }

    private static let segmentations: Set<String> = ["66.4", "66.7", "66.8"]

    /// Ultrasound, secondary capture, visible light and video, ophthalmic photography.
    private static let photographic = ["3.", "6.", "7", "77.1"]

    private static let heldModalities: Set<String> = [
        "US", "IVUS", "BDUS", "SC", "XC", "OT", "ES", "GM", "SM", "OP", "OPT", "DMS", "HC", "DOC", "DG", "FC", "TG",
        "LS", "SMR", "VIDD",
    ]

    /// Terms of Image Type (0008,0008) that pictures of screens and papers carry, in any class: Siemens stores its patient
    /// protocol as a CT image.
    private static let screenTerms = [
        "SCREEN", "REPORT", "CSA BLACK", "PROTOCOL", "CAPTURE", "SNAPSHOT", "SUMMARY", "RESULT", "PHOTO", "FILM",
        "EVIDENCE",
        "DOSE_INFO", "DOSE INFO",
    ]
    /// The same, where the whole value or its last word is the term.
    private static let screenWordsOfTerms: Set<Substring> = ["PROT", "DOSE", "GRAPH", "TABLE"]

    /// With SECONDARY in value 2, only these in value 3 say what was computed.
    private static let computedTerms: Set<String> = [
        "AXIAL", "LOCALIZER", "MPR", "REFORMATTED", "PROJECTION IMAGE", "M", "P", "R", "I", "ADC", "FA", "TRACEW",
        "TRACE",
        "DIFFUSION", "EADC", "IP", "OP", "W", "F", "T1", "T2", "T2_STAR", "PROPDENS", "MIP", "MINIP", "SUBTRACTION",
        "VOLUME",
        "WHOLE BODY", "STATIC", "DYNAMIC", "GATED", "TOMO", "RECON TOMO", "RECON GATED TOMO", "PERFUSION", "COMPRESSED",
        "PHASE MAP", "MPR THICK", "AVERAGE", "STDDEV", "MEAN", "PROCESSED",
        // Defined terms of PS3.3 C.8.3.1.1.1 (MR Image): what an MR console computes from its own images.
        "OTHER", "DENSITY MAP", "DIFFUSION MAP", "IMAGE ADDITION", "MODULUS SUBTRACT", "MPR MAP", "PHASE IMAGE",
        "PHASE SUBTRACT", "PROJECTION", "T1 MAP", "T2 MAP", "VELOCITY MAP",
    ]

    /// Parts of descriptions, written without spaces, hyphens and the like.
    private static let screenWords = [
        "dosereport", "doseinfo", "dosesheet", "dosesummary", "doserecord", "dosrapport", "dosblad", "dossammanst",
        "dosprotokoll", "dosinfo", "strålrapport", "dosisbericht", "dosisprotokoll", "dosisblatt", "patientprotocol",
        "patientprotokoll", "patientinfo", "patientuppgift", "patientdata", "screensave", "screenshot", "screencapture",
        "screendump", "skärmdump", "skärmbild", "skärmkopia", "skärmklipp", "bildschirm", "scanneddocument",
        "scanneddoc", "inskannad", "inscannad", "resultssummary",
    ].map { Array($0.utf8) }

    /// Image types' terms are searched as they stand.
    private static let screenTermBytes = screenTerms.map { Array($0.utf8) }

    /// Diffusion directions and the like are coloured by computation; the class says what was computed, and its Burned In
    /// Annotation may only be NO (PS3.3 C.8.13.1, C.8.13.5). Elsewhere a detector has no colours: what has is a picture of a
    /// screen, NM's palettes too.
    private static let coloured: Set<String> = ["4.4"]

    private static func pixelReason(_ facts: HoldFacts, _ kind: String) -> String? {
        if photographic.contains(where: kind.hasPrefix) { return "ultrasound, captured or photographic images" }
        if !primary.contains(kind) { return "a storage class that is not known to hold primary images" }
        if heldModalities.contains(facts.modality) { return "modality \(facts.modality)" }
        if facts.isCaptured { return "a captured or digitised image" }
        if facts.hasOverlayInPixels { return "an overlay inside the pixel data" }
        if !["", "MONOCHROME1", "MONOCHROME2"].contains(facts.photometricInterpretation), !coloured.contains(kind) {
            return "colour where the modality has none"
        }
        let terms = facts.imageType.map { $0.uppercased() }
        let isScreen = terms.contains { term in
            holds(Array(term.utf8), anyOf: screenTermBytes)
                || (term.split(separator: " ").last.map(screenWordsOfTerms.contains) ?? false)
        }
        if isScreen { return "Image Type (0008,0008) of a screen" }
        if terms.count > 1, terms[1] == "SECONDARY", terms.count < 3 || !isComputed(terms[2]) {
            return "Image Type (0008,0008) is SECONDARY"
        }
        if facts.descriptions.contains(where: { holds(joined($0), anyOf: screenWords) }) {
            return "the description of a screen or paper"
        }
        return nil
    }

    /// Whether one of the words stands anywhere in the text. By bytes: the library's search follows Unicode's rules, which
    /// costs more than all other rules together.
    private static func holds(_ text: [UInt8], anyOf words: [[UInt8]]) -> Bool {
        words.contains { word in
            guard let first = word.first, text.count >= word.count else { return false }
            return (0...text.count - word.count).contains { start in
                text[start] == first && text[start..<start + word.count].elementsEqual(word)
            }
        }
    }

    /// "Screen-Capture", "screen capture" and "ScreenCapture" are one.
    private static func joined(_ text: String) -> [UInt8] {
        text.utf8.filter { ![0x20, 0x2D, 0x5F, 0x2E, 0x2F].contains($0) }
    }

    /// Philips writes M_SE, P_FFE and the like for what the scanner measured.
    private static func isComputed(_ term: String) -> Bool {
        computedTerms.contains(term) || ["M_", "P_", "R_", "I_"].contains { term.hasPrefix($0) }
    }

    private static func pixels(_ reason: String, _ released: Bool) -> Failure? {
        guard !released else { return nil }
        return Failure(
            .pixelsMayIdentify, .person, .instance, detail: reason,
            hint: "Look at the pixels; release them if they show no name, or leave them out.")
    }

    private static func document(_ reason: String) -> Failure {
        Failure(
            .documentMayIdentify, .person, .instance, detail: reason,
            hint: "Documents hold the identity inside; leave it out, or send it by another way.")
    }
}
