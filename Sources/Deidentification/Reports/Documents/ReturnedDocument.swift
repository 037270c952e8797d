// A document inside a returned report: looked into, and given a page that says whose it is.

internal import DICOMVocabulary
internal import WorkerProtocol

/// The pages of a document are the reader's and stay byte for byte: text in a PDF is drawn with fonts that mostly hold only
/// the letters that were used, so that another name cannot be set in the place of a token.
struct ReturnedDocument {
    private let bytes: [UInt8]
    private let isOwn: (String) -> Bool
    private let policy: RestorePolicy
    private var file: PDFFile?
    private let matches: [TokenSearch.Match]
    private let isReadable: Bool
    /// UIDs with the form of a pseudonym that it shows.
    let uids: Set<UID>

    /// To look into it only.
    init(bytes: [UInt8]) { self.init(bytes: bytes, isOwn: { _ in false }, policy: RestorePolicy()) }

    init(bytes: [UInt8], isOwn: @escaping (String) -> Bool, policy: RestorePolicy) {
        self.bytes = bytes
        self.isOwn = isOwn
        self.policy = policy
        // What stands in plain bytes, also as UTF-16.
        let strings = Self.strings(in: bytes)
        var found = Self.goodMatches(bytes) + Self.goodMatches(bytes.filter { $0 != 0 })
        found += Self.goodMatches(strings) + Self.goodMatches(strings.filter { $0 != 0 })
        var uids = Set(PseudonymousUIDs.all(in: bytes))
        var file = PDFFile(bytes)
        var isReadable = false
        if file != nil, file?.isOpaque == false, let streams = file?.streams {
            for stream in streams {
                guard let content = file?.content(of: stream) else { continue }
                found += Self.goodMatches(content) + Self.goodMatches(Self.strings(in: content).filter { $0 != 0 })
                uids.formUnion(PseudonymousUIDs.all(in: content))
            }
            if var copy = file {
                let text = PDFText(&copy)
                isReadable = !text.isEmpty && text.unread == 0
                for (index, reading) in text.readings.enumerated() {
                    let all = TokenSearch.matches(in: Array(reading.text.utf8), as: reading.isWhole ? .text : .bytes)
                    uids.formUnion(PseudonymousUIDs.all(in: Array(reading.text.utf8)))
                    // Codes read by another font's map make damaged tokens by chance.
                    found += all.filter { $0.isGood || reading.isWhole && (index > 0 || Self.isPlain(reading.text)) }
                }
                file = copy
            }
        }
        self.file = file
        self.isReadable = isReadable
        matches = found
        self.uids = uids
    }

    var goodTokens: [String] { Set(matches.filter(\.isGood).map(\.string)).sorted() }

    /// Tokens of this study that the document shows.
    var shownTokens: [String] { goodTokens.filter(isOwn) }

    /// Fails for a token of somebody else, a damaged one, and, where the site does not simply deliver documents, for one
    /// that nobody but a person can look into.
    func check() throws(Failure) {
        if matches.contains(where: { $0.isGood && !isOwn($0.string) }) {
            throw ReportRestorer.contradiction(.encapsulatedDocument)
        }
        if policy.documentReleased { return }
        if policy.documents == .hold {
            throw Self.failure("the site wants documents to be looked at", "Read the document; release delivers it.")
        }
        if matches.contains(where: { !$0.isGood }) { throw ReportRestorer.damage(.encapsulatedDocument) }
        guard policy.documents == .deliver || isReadable else {
            throw Self.failure(
                "its document cannot be searched: it is scrambled, damaged, or made of pictures",
                "Read the document; release delivers it as the reader wrote it.")
        }
    }

    /// The document with a page before its first, as an update behind its end (ISO 32000-1, 7.5.6): all of its own bytes
    /// stay where they are. nil where its structure does not allow that.
    func covered(by page: CoverPage) -> [UInt8]? {
        guard let file, let update = PDFUpdate(file) else { return nil }
        return update.document(with: page.content(shownTokens))
    }

    private static func failure(_ detail: String, _ hint: String) -> Failure {
        Failure(.documentUnreadable, .person, .instance, detail: detail, hint: hint)
    }

    private static func goodMatches(_ bytes: [UInt8]) -> [TokenSearch.Match] {
        TokenSearch.matches(in: bytes, as: .bytes).filter(\.isGood)
    }

    /// Strings as PDF writes them in places that no page's content holds (ISO 32000-1, 7.3.4): titles, outlines, values of
    /// forms. In hexadecimal, and with signs written as `\ddd`.
    private static func strings(in bytes: [UInt8]) -> [UInt8] {
        var found: [UInt8] = []
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x3C else {
                index += 1
                continue
            }
            var (half, value, end) = (UInt8?.none, [UInt8](), index + 1)
            while end < bytes.count, end - index < longestString {
                if let digit = hexadecimal(bytes[end]) {
                    if let first = half { value.append(first << 4 | digit) }
                    half = half == nil ? digit : nil
                } else if bytes[end] > 0x20 {
                    break
                }
                end += 1
            }
            if end < bytes.count, bytes[end] == 0x3E, value.count >= Token.length { found += value + [0x0A] }
            index = max(index + 1, end)
        }
        index = 0
        var plain: [UInt8] = []
        var hasEscapes = false
        while index < bytes.count {
            let signs = bytes[index] == 0x5C ? bytes[(index + 1)...].prefix(3) : []
            let octal = signs.prefix { (0x30...0x37).contains($0) }
            if octal.isEmpty {
                plain.append(bytes[index])
                index += 1
            } else {
                plain.append(octal.reduce(0) { $0 << 3 | ($1 & 7) })
                hasEscapes = true
                index += 1 + octal.count
            }
        }
        return hasEscapes ? found + plain : found
    }

    private static let longestString = 65_536

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x37
        case 0x61...0x66: byte - 0x57
        default: nil
        }
    }

    /// Whether single Latin-1 letters are what the codes mean: no control characters, few beyond ASCII.
    private static func isPlain(_ text: String) -> Bool {
        let scalars = text.unicodeScalars
        return scalars.allSatisfy { $0.value >= 0x20 || $0 == "\n" }
            && scalars.count(where: { $0.value > 0x7E }) * 4 <= scalars.count
    }
}
