// DIMSE status codes (PS3.7 Annex C; for C-STORE PS3.4 Table B.2-1), edition 2026d.

package enum DIMSEStatus {
    package static let success: UInt16 = 0x0000
    package static let sopClassNotSupported: UInt16 = 0x0122
    package static let outOfResources: UInt16 = 0xA700
    package static let dataSetMismatch: UInt16 = 0xA900
    package static let cannotUnderstand: UInt16 = 0xC000

    /// What the response to one of our C-STORE requests means; nil is an acknowledgement. Warnings are acknowledgements:
    /// the peer holds the object (B000 coerced, B006 discarded elements, B007 does not match, and PS3.7 C.4). So is
    /// 0111: the peer holds this SOP instance already, as after a response that was lost on its way.
    package static func classify(_ status: UInt16) -> Failure? {
        func failure(
            _ code: Failure.Code, _ disposition: Failure.Disposition, _ scope: Failure.Scope, _ detail: String,
            _ hint: String = ""
        ) -> Failure {
            Failure(code, disposition, scope, status: status, detail: "\(detail) (\(hex(status)))", hint: hint)
        }
        switch status {
        case 0x0000, 0x0001, 0x0107, 0x0116, 0x0111, 0xB000...0xBFFF:
            return nil
        case 0xA700...0xA7FF, 0x0213:
            return failure(
                .outOfResources, .tryAgain, .destination, "the peer is out of resources",
                "Look at the peer's disk and quotas; sending goes on by itself.")
        case 0xA900...0xA9FF:
            return failure(
                .dataSetMismatch, .refused, .instance, "the peer found that the data set does not match its SOP class",
                "The other instances go on. Ask the peer's operator which attribute it misses.")
        case 0xC000...0xCFFF:
            return failure(
                .cannotUnderstand, .refused, .instance, "the peer cannot understand the object",
                "The other instances go on. The peer's log says why.")
        case 0x0122, 0x0118, 0x0112:
            return failure(
                .sopClassNotSupported, .refused, .instance, "the peer does not store this SOP class",
                "Route such objects elsewhere, or have the peer accept them.")
        case 0x0124:
            return failure(
                .notAuthorized, .person, .destination, "the peer does not allow us to store",
                "Have the peer's operator allow our AE title.")
        case 0x0211, 0x0212, 0x0210, 0x0115, 0x0106:
            return failure(
                .protocolError, .refused, .instance, "the peer did not accept the request as it was made",
                "The peer's log says what it missed.")
        case 0x0117:
            return failure(
                .refusedByPeer, .refused, .instance, "the peer takes the SOP Instance UID for invalid")
        case 0x0110, 0xFE00:
            // Says nothing about why: worth another try, and no reason to slow the other instances.
            return failure(.refusedByPeer, .tryAgain, .instance, "the peer failed to process the object")
        default:
            return failure(
                .refusedByPeer, .refused, .instance, "the peer refused the object", "The peer's log says why.")
        }
    }

    /// Four hexadecimal digits, as the standard writes them.
    package static func hex(_ status: UInt16) -> String {
        let digits = String(status, radix: 16, uppercase: true)
        return String(repeating: "0", count: 4 - digits.count) + digits + "H"
    }
}
