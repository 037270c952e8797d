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

    package var isImplicitVR: Bool { self == .implicitVRLittleEndian }
    package var isBigEndian: Bool { self == .explicitVRBigEndian }
    package var isDeflated: Bool { self == .deflatedExplicitVRLittleEndian }

    /// Pixel data in fragments (PS3.5 A.4).
    package var isEncapsulated: Bool {
        switch self {
        case .implicitVRLittleEndian, .explicitVRLittleEndian, .deflatedExplicitVRLittleEndian, .explicitVRBigEndian:
            false
        default: true
        }
    }

    /// The name of PS3.6 Annex A, or the UID itself.
    package var name: String { Self.names[uid.string] ?? uid.string }

    /// Every syntax offered to modalities by default, most generally useful first. Deflated is not among them: 600 kB
    /// unpack to 600 MB, so a source has to ask for it in its settings.
    package static let receivable: [TransferSyntax] = [
        "1.2.840.10008.1.2.1", "1.2.840.10008.1.2", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.4.201",
        "1.2.840.10008.1.2.4.202", "1.2.840.10008.1.2.4.203", "1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81",
        "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.92", "1.2.840.10008.1.2.4.93",
        "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51",
        "1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112", "1.2.840.10008.1.2.5",
        "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.100.1", "1.2.840.10008.1.2.4.101",
        "1.2.840.10008.1.2.4.101.1", "1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.102.1",
        "1.2.840.10008.1.2.4.103", "1.2.840.10008.1.2.4.103.1", "1.2.840.10008.1.2.4.104",
        "1.2.840.10008.1.2.4.104.1", "1.2.840.10008.1.2.4.105", "1.2.840.10008.1.2.4.105.1",
        "1.2.840.10008.1.2.4.106", "1.2.840.10008.1.2.4.106.1", "1.2.840.10008.1.2.4.107", "1.2.840.10008.1.2.4.108",
    ].map { TransferSyntax(UID($0)) }

    private static let names: [String: String] = [
        "1.2.840.10008.1.2": "Implicit VR Little Endian",
        "1.2.840.10008.1.2.1": "Explicit VR Little Endian",
        "1.2.840.10008.1.2.1.99": "Deflated Explicit VR Little Endian",
        "1.2.840.10008.1.2.2": "Explicit VR Big Endian",
        "1.2.840.10008.1.2.4.50": "JPEG Baseline (Process 1)",
        "1.2.840.10008.1.2.4.51": "JPEG Extended (Process 2 & 4)",
        "1.2.840.10008.1.2.4.57": "JPEG Lossless (Process 14)",
        "1.2.840.10008.1.2.4.70": "JPEG Lossless SV1",
        "1.2.840.10008.1.2.4.80": "JPEG-LS Lossless",
        "1.2.840.10008.1.2.4.81": "JPEG-LS Near-lossless",
        "1.2.840.10008.1.2.4.90": "JPEG 2000 Lossless",
        "1.2.840.10008.1.2.4.91": "JPEG 2000",
        "1.2.840.10008.1.2.4.100": "MPEG2 Main Profile / Main Level",
        "1.2.840.10008.1.2.4.102": "MPEG-4 AVC/H.264 High Profile",
        "1.2.840.10008.1.2.4.107": "HEVC/H.265 Main Profile",
        "1.2.840.10008.1.2.4.201": "HTJ2K Lossless",
        "1.2.840.10008.1.2.4.202": "HTJ2K Lossless RPCL",
        "1.2.840.10008.1.2.4.203": "HTJ2K",
        "1.2.840.10008.1.2.5": "RLE Lossless",
    ]
}

extension TransferSyntax: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(UID(value)) }
}
