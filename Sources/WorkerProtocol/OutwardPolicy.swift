// What a destination's profile says beside its options of PS3.15: pixels, documents, character sets.

package import DICOMVocabulary

/// A rectangle of stored pixels, in every frame; (0, 0) is the first pixel of the first row.
package struct PixelRegion: Sendable, Codable, Hashable {
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int

    package init(x: Int, y: Int, width: Int, height: Int) {
        self.x = x
        self.y = y
        self.width = width
        self.height = height
    }
}

/// Where one device writes into its images. The site vouches for it: an image that a template fits is blanked there and
/// then leaves without a person's look.
package struct PixelTemplate: Sendable, Codable, Hashable {
    package var name: String
    /// Modality (0008,0060) as sent; empty is any.
    package var modalities: [String] = []
    package var sopClasses: [UID] = []
    /// Of (0008,0070), (0008,1090) and one value of (0018,1020).
    package var manufacturer: Glob
    package var model: Glob
    package var software: Glob = "*"
    /// Rows (0028,0010) and Columns (0028,0011).
    package var rows: Int
    package var columns: Int
    package var blank: [PixelRegion] = []
    /// Everything outside the Sequence of Ultrasound Regions (0018,6011) is blanked too.
    package var keepsUltrasoundRegionsOnly = false

    package init(name: String, manufacturer: Glob, model: Glob, rows: Int, columns: Int) {
        self.name = name
        self.manufacturer = manufacturer
        self.model = model
        self.rows = rows
        self.columns = columns
    }
}

/// Recognition of text in pixels. It can hold an instance and never clears one.
package enum TextRecognition: String, Sendable, Codable, Hashable, CaseIterable {
    case off
    /// Holds for what the guard looks for: names, numbers, dates of this study's patient, and anybody's personal number.
    case identity
    /// Holds for any legible word or number.
    case text
}

/// What happens to encapsulated PDF, CDA and STL.
package enum DocumentPolicy: String, Sendable, Codable, Hashable, CaseIterable {
    case hold
    /// A PDF leaves as a page that says that it was taken out; CDA and STL are held.
    case replace
}

/// Everything that a lane to a reader has to know of its profile beside the options.
package struct OutwardPolicy: Sendable, Codable, Hashable {
    package var templates: [PixelTemplate] = []
    package var recognition = TextRecognition.off
    package var documents = DocumentPolicy.hold
    /// A defined term of (0008,0005) for text beyond ASCII that declares none; empty holds such objects.
    package var assumedCharacterSet = ""
    /// Seconds for the recognition of one frame.
    package var recognitionDeadline: Double = 10
    /// At most so many frames of one instance are looked at, spread evenly.
    package var recognisedFrames = 3

    package init() {}
}
