// Transfer syntaxes (PS3.5 section 10 and Annex A; UIDs in PS3.6 Annex A, edition 2026d).

/// How a data set is encoded. A UID that the table below does not know is taken as explicit VR little endian with
/// encapsulated pixel data, which is what PS3.5 A.4 requires of every syntax added since.
package struct TransferSyntax: Hashable, Sendable, Codable {
    package let uid: UID

    package init(_ uid: UID) { self.uid = uid }

    package static let implicitVRLittleEndian = TransferSyntax("1.2.840.10008.1.2")
    package static let explicitVRLittleEndian = TransferSyntax("1.2.840.10008.1.2.1")
    package static let deflatedExplicitVRLittleEndian = TransferSyntax("1.2.840.10008.1.2.1.99")
    package static let explicitVRBigEndian = TransferSyntax("1.2.840.10008.1.2.2")
    package static let rleLossless = TransferSyntax("1.2.840.10008.1.2.5")
    package static let jpegBaseline = TransferSyntax("1.2.840.10008.1.2.4.50")
    package static let jpegLossless = TransferSyntax("1.2.840.10008.1.2.4.70")
    package static let jpegLSLossless = TransferSyntax("1.2.840.10008.1.2.4.80")
    package static let jpeg2000Lossless = TransferSyntax("1.2.840.10008.1.2.4.90")
    package static let htj2kLossless = TransferSyntax("1.2.840.10008.1.2.4.201")

    package var isImplicitVR: Bool { self == .implicitVRLittleEndian || self == Self.privateGE }
    package var isBigEndian: Bool { self == .explicitVRBigEndian }
    package var isDeflated: Bool { inflated != nil }

    /// What a deflated data set is once it is unpacked; nil for one that is not deflated.
    package var inflated: TransferSyntax? {
        switch uid.string {
        case "1.2.840.10008.1.2.1.99": .explicitVRLittleEndian
        case "1.2.840.10008.1.2.4.95": "1.2.840.10008.1.2.4.94"
        case "1.2.840.10008.1.2.4.205": "1.2.840.10008.1.2.4.204"
        default: nil
        }
    }

    /// JPIP: the object has no pixels but the address of a server that has them (PS3.5 A.6).
    package var isReferenced: Bool {
        ["1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204"].contains((inflated ?? self).uid.string)
    }

    /// GE's private syntax: implicit VR little endian, its pixels big endian, not encapsulated.
    private static let privateGE = TransferSyntax("1.2.840.113619.5.2")

    /// Pixel data in fragments (PS3.5 A.4).
    package var isEncapsulated: Bool {
        switch self {
        case .implicitVRLittleEndian, .explicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian,
            Self.privateGE:
            false
        default: true
        }
    }

    /// The name of PS3.6 Annex A, or the UID itself.
    package var name: String { Self.names[uid.string] ?? uid.string }

    /// Every syntax offered to modalities by default, most generally useful first: all of PS3.6 Table A-1, but for
    /// - those that deflate the data set (1.99, and JPIP 4.95 and 4.205): 600 kB unpack to 600 MB, so a source has to ask
    ///   for them in its settings (8.1 deflates frames, which nobody here unpacks);
    /// - SMPTE ST 2110 (7.1 to 7.3), which are streams of DICOM-RTV (PS3.22) and never C-STORE;
    /// - MIME, XML and Papyrus 3 (6.1, 6.2, 1.20; retired), which are no encodings of a data set.
    package static let receivable: [TransferSyntax] = [
        "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81",
        "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93",
        "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.5",
        "1.2.840.10008.1.2.1.98", "1.2.840.10008.1.2.8.1",
        "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.100.1", "1.2.840.10008.1.2.4.101",
        "1.2.840.10008.1.2.4.101.1", "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1",
        "1.2.840.10008.1.2.4.103", "1.2.840.10008.1.2.4.103.1", "1.2.840.10008.1.2.4.104",
        "1.2.840.10008.1.2.4.104.1", "1.2.840.10008.1.2.4.105", "1.2.840.10008.1.2.4.105.1",
        "1.2.840.10008.1.2.4.106", "1.2.840.10008.1.2.4.106.1", "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108",
        "1.2.840.10008.1.2.4.94", "1.2.840.10008.1.2.4.204",
        // Retired (PS3.5-2001 has them): old archives still send them.
        "1.2.840.10008.1.2.4.52", "1.2.840.10008.1.2.4.53", "1.2.840.10008.1.2.4.54", "1.2.840.10008.1.2.4.55",
        "1.2.840.10008.1.2.4.56", "1.2.840.10008.1.2.4.58", "1.2.840.10008.1.2.4.59", "1.2.840.10008.1.2.4.60",
        "1.2.840.10008.1.2.4.61", "1.2.840.10008.1.2.4.62", "1.2.840.10008.1.2.4.63", "1.2.840.10008.1.2.4.64",
        "1.2.840.10008.1.2.4.65", "1.2.840.10008.1.2.4.66",
    ].map { TransferSyntax(UID($0)) }

    /// Private ones, and those that the standard has got since; for sources whose settings ask for them.
    package var isUnknown: Bool { uid.isValid && Self.names[uid.string] == nil }

    private static let names: [String: String] = [
        "1.2.840.10008.1.2": "Implicit VR Little Endian",
        "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
        "1.2.840.10008.1.2.1.98": "Encapsulated Uncompressed Explicit VR Little Endian",
        "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
        "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
        "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
        "1.2.840.10008.1.2.4.51": "JPEG Extended (Process 2 & 4)",
        "1.2.840.10008.1.2.4.52": "JPEG Extended (Process 3 & 5)",
        "1.2.840.10008.1.2.4.53": "JPEG Spectral Selection, Non-Hierarchical (Process 6 & 8)",
        "1.2.840.10008.1.2.4.54": "JPEG Spectral Selection, Non-Hierarchical (Process 7 & 9)",
        "1.2.840.10008.1.2.4.55": "JPEG Full Progression, Non-Hierarchical (Process 10 & 12)",
        "1.2.840.10008.1.2.4.56": "JPEG Full Progression, Non-Hierarchical (Process 11 & 13)",
        "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
        "1.2.840.10008.1.2.4.58": "JPEG Lossless, Non-Hierarchical (Process 15)",
        "1.2.840.10008.1.2.4.59": "JPEG Extended, Hierarchical (Process 16 & 18)",
        "1.2.840.10008.1.2.4.60": "JPEG Extended, Hierarchical (Process 17 & 19)",
        "1.2.840.10008.1.2.4.61": "JPEG Spectral Selection, Hierarchical (Process 20 & 22)",
        "1.2.840.10008.1.2.4.62": "JPEG Spectral Selection, Hierarchical (Process 21 & 23)",
        "1.2.840.10008.1.2.4.63": "JPEG Full Progression, Hierarchical (Process 24 & 26)",
        "1.2.840.10008.1.2.4.64": "JPEG Full Progression, Hierarchical (Process 25 & 27)",
        "1.2.840.10008.1.2.4.65": "JPEG Lossless, Hierarchical (Process 28)",
        "1.2.840.10008.1.2.4.66": "JPEG Lossless, Hierarchical (Process 29)",
        "1.2.840.10008.1.2.4.70": "JPEG Lossless SV1",
        "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
        "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
        "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.91": "JPEG 2000",
        "1.2.840.10008.1.2.4.92": "JPEG 2000 Part 2 Multi-component Lossless",
        "1.2.840.10008.1.2.4.93": "JPEG 2000 Part 2 Multi-component",
        "1.2.840.10008.1.2.4.94": "JPIP Referenced",
        "1.2.840.10008.1.2.4.95": "JPIP Referenced Deflate",
        "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile / Main Level",
        "1.2.840.10008.1.2.4.100.1": "Fragmentable MPEG2 Main Profile / Main Level",
        "1.2.840.10008.1.2.4.101": "MPEG2 Main Profile / High Level",
        "1.2.840.10008.1.2.4.101.1": "Fragmentable MPEG2 Main Profile / High Level",
        "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264 High Profile / Level 4.1",
        "1.2.840.10008.1.2.4.102.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.1",
        "1.2.840.10008.1.2.4.103": "MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1",
        "1.2.840.10008.1.2.4.103.1": "Fragmentable MPEG-4 AVC/H.264 BD-compatible High Profile / Level 4.1",
        "1.2.840.10008.1.2.4.104": "MPEG-4 AVC/H.264 High Profile / Level 4.2 for 2D Video",
        "1.2.840.10008.1.2.4.104.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 for 2D Video",
        "1.2.840.10008.1.2.4.105": "MPEG-4 AVC/H.264 High Profile / Level 4.2 for 3D Video",
        "1.2.840.10008.1.2.4.105.1": "Fragmentable MPEG-4 AVC/H.264 High Profile / Level 4.2 for 3D Video",
        "1.2.840.10008.1.2.4.106": "MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2",
        "1.2.840.10008.1.2.4.106.1": "Fragmentable MPEG-4 AVC/H.264 Stereo High Profile / Level 4.2",
        "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile / Level 5.1",
        "1.2.840.10008.1.2.4.108": "HEVC/H.265 Main 10 Profile / Level 5.1",
        "1.2.840.10008.1.2.4.110": "JPEG XL Lossless",
        "1.2.840.10008.1.2.4.111": "JPEG XL JPEG Recompression",
        "1.2.840.10008.1.2.4.112": "JPEG XL",
        "1.2.840.10008.1.2.4.201": "HTJ2K Lossless",
        "1.2.840.10008.1.2.4.202": "HTJ2K Lossless RPCL",
        "1.2.840.10008.1.2.4.203": "HTJ2K",
        "1.2.840.10008.1.2.4.204": "JPIP HTJ2K Referenced",
        "1.2.840.10008.1.2.4.205": "JPIP HTJ2K Referenced Deflate",
        "1.2.840.10008.1.2.5": "RLE Lossless",
        "1.2.840.10008.1.2.6.1": "RFC 2557 MIME encapsulation",
        "1.2.840.10008.1.2.6.2": "XML Encoding",
        "1.2.840.10008.1.2.7.1": "SMPTE ST 2110-20 Uncompressed Progressive Active Video",
        "1.2.840.10008.1.2.7.2": "SMPTE ST 2110-20 Uncompressed Interlaced Active Video",
        "1.2.840.10008.1.2.7.3": "SMPTE ST 2110-30 PCM Digital Audio",
        "1.2.840.10008.1.2.8.1": "Deflated Image Frame Compression",
        "1.2.840.10008.1.20": "Papyrus 3 Implicit VR Little Endian",
    ]
}

extension TransferSyntax: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(UID(value)) }
}
