// What both roles do with an established association.

internal import CDCMTK
internal import DICOMVocabulary

/// Commands and data sets over presentation data values (PS3.8 Annex E). Blocking; one thread at a time.
final class AssociationChannel {
    enum Message {
        case command(AcceptedContext, CommandSet)
        case released
        case aborted
    }

    let handle: OpaquePointer
    let limits: AssociationLimits
    private(set) var contexts: [UInt8: AcceptedContext] = [:]
    /// The context whose data set has still to be read.
    private(set) var pendingDataSet: UInt8?
    /// C-CANCEL-RQ came while something else was expected.
    var cancelled: UInt16?
    private var lastMessageID: UInt16 = 0

    init(limits: AssociationLimits) throws(Failure) {
        self.limits = limits
        var bounds = cdcmtk_limits(
            negotiation: limits.negotiation, dimse: limits.dimse, connect: limits.connect,
            minimum_rate: Int64(limits.minimumRate), minimum_rate_window: limits.minimumRateWindow,
            // DCMTK takes no other sizes (ASC_MINIMUMPDUSIZE, ASC_MAXIMUMPDUSIZE).
            maximum_pdu: UInt32(min(max(limits.maximumPDU, 4096), 131_072)))
        guard
            let handle = cdcmtk_association_create(
                &bounds, Implementation.classUID.string, Implementation.versionName)
        else { throw Failure(.outOfResources, .tryAgain, .destination, detail: "out of memory") }
        self.handle = handle
    }

    deinit { cdcmtk_association_destroy(handle) }

    func useTLS(_ files: TLSFiles, pinned: String?, asServer: Bool) throws(Failure) {
        let status = withOptionalCString(files.revocationList) { revocationList in
            withOptionalCString(pinned.map { $0.lowercased().filter { $0 != ":" } }) { pinned in
                files.certificate.withCString { certificate in
                    files.privateKey.withCString { privateKey in
                        files.trusted.withCString { trusted in
                            var paths = cdcmtk_tls_files(
                                certificate: certificate, private_key: privateKey, trusted: trusted,
                                revocation_list: revocationList, pinned: pinned)
                            return cdcmtk_association_use_tls(handle, &paths, asServer)
                        }
                    }
                }
            }
        }
        try status.check()
    }

    /// All contexts as negotiated so far.
    func negotiatedContexts() -> [cdcmtk_context] {
        (0..<cdcmtk_association_context_count(handle)).compactMap { index in
            var context = cdcmtk_context()
            return cdcmtk_association_context(handle, index, &context) ? context : nil
        }
    }

    /// After the acknowledgement in either direction.
    func rememberContexts() {
        for context in negotiatedContexts() where context.result == 0 {
            contexts[context.identifier] = AcceptedContext(
                id: context.identifier, abstractSyntax: UID(text(of: context.abstract_syntax)),
                transferSyntax: TransferSyntax(UID(text(of: context.accepted_syntax))))
        }
    }

    var certificate: AssociationRequest.Certificate? {
        var subject = [CChar](repeating: 0, count: 512)
        var fingerprint = [CChar](repeating: 0, count: 65)
        guard cdcmtk_association_certificate(handle, &subject, &fingerprint) else { return nil }
        return AssociationRequest.Certificate(subject: string(subject), fingerprint: string(fingerprint))
    }

    var tlsDescription: String {
        var text = [CChar](repeating: 0, count: 128)
        cdcmtk_association_tls(handle, &text)
        return string(text)
    }

    var bytes: Int64 { cdcmtk_association_bytes(handle) }

    var hasWord: Bool { cdcmtk_association_wait(handle, 0).code == CDCMTK_OK }

    func abort() { cdcmtk_association_abort(handle) }

    func nextMessageID() -> UInt16 {
        lastMessageID &+= 1
        return lastMessageID
    }

    // MARK: Commands

    /// The next whole command set; waits at most `seconds` for its first byte, and `limits.dimse` for the rest. A data
    /// set that nobody read is read over first.
    func nextMessage(within seconds: Double) throws(Failure) -> Message {
        if pendingDataSet != nil { try receiveDataSet(maximumBytes: limits.maximumObject) { _ in } }
        try cdcmtk_association_wait(handle, seconds).check()
        cdcmtk_association_deadline(handle, limits.dimse)
        defer { cdcmtk_association_deadline(handle, 0) }
        var bytes: [UInt8] = []
        var context: UInt8?
        while true {
            var value = cdcmtk_pdv()
            let status = cdcmtk_association_read(handle, nil, 0, &value)
            if context == nil {
                if status.code == CDCMTK_RELEASED { return .released }
                if status.code == CDCMTK_ABORTED { return .aborted }
            }
            try status.check()
            guard value.is_command, context == nil || context == value.context else {
                throw .protocolBreach("a command set was expected")
            }
            guard bytes.count + value.count <= limits.maximumCommand else {
                throw .protocolBreach("a command set is longer than \(limits.maximumCommand) bytes")
            }
            // An empty fragment that is not the last one would come for ever.
            guard value.count > 0 || value.is_last else { throw .protocolBreach("an empty fragment of a command") }
            context = value.context
            bytes += UnsafeBufferPointer(start: value.bytes, count: value.count)
            guard value.is_last else { continue }
            guard let accepted = contexts[value.context] else {
                throw .protocolBreach("presentation context \(value.context) was not accepted")
            }
            let command = try CommandSet(bytes: bytes)
            if command.hasDataSet { pendingDataSet = value.context }
            return .command(accepted, command)
        }
    }

    func send(_ command: CommandSet, on context: AcceptedContext) throws(Failure) {
        cdcmtk_association_deadline(handle, limits.dimse)
        defer { cdcmtk_association_deadline(handle, 0) }
        try write(command.encoded, on: context.id, isCommand: true)
    }

    /// In fragments that the peer can take.
    private func write(_ bytes: [UInt8], on context: UInt8, isCommand: Bool) throws(Failure) {
        let size = fragmentSize
        var start = 0
        repeat {
            let end = min(start + size, bytes.count)
            let status = bytes.withUnsafeBufferPointer { buffer in
                let part = UnsafeBufferPointer(rebasing: buffer[start..<end])
                var value = cdcmtk_pdv(
                    context: context, is_command: isCommand, is_last: end == bytes.count, bytes: part.baseAddress,
                    count: part.count)
                return cdcmtk_association_write(handle, &value)
            }
            try status.check()
            start = end
        } while start < bytes.count
    }

    /// Even, as PS3.8 9.3.5.1 asks of fragments.
    var fragmentSize: Int { max(2, Int(cdcmtk_association_pdv_size(handle)) & ~1) }

    // MARK: Data sets

    /// Hands over each fragment as it comes; the bytes are lent. Held against the minimum rate. `room`: where the next fragment
    /// is to be put, if it finds enough room there.
    func receiveDataSet(
        maximumBytes: Int64,
        into room: () -> UnsafeMutableRawBufferPointer = { UnsafeMutableRawBufferPointer(start: nil, count: 0) },
        each: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        guard let context = pendingDataSet else { throw .protocolBreach("no data set is announced") }
        cdcmtk_association_begin_transfer(handle)
        defer { cdcmtk_association_end_transfer(handle) }
        var total: Int64 = 0
        var empty = 0
        while true {
            var value = cdcmtk_pdv()
            let room = room()
            let status = cdcmtk_association_read(
                handle, room.baseAddress?.assumingMemoryBound(to: UInt8.self), room.count, &value)
            try status.check()
            guard !value.is_command, value.context == context else { throw .protocolBreach("a data set was expected") }
            total += Int64(value.count)
            guard total <= maximumBytes else {
                throw Failure(
                    .tooLarge, .person, .instance, detail: "the data set is longer than \(maximumBytes) bytes")
            }
            empty += value.count == 0 ? 1 : 0
            guard empty < 1000 else { throw .protocolBreach("empty fragments without end") }
            try each(UnsafeRawBufferPointer(start: value.bytes, count: value.count))
            if value.is_last { break }
        }
        pendingDataSet = nil
    }

    func receiveDataSet(maximumBytes: Int) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        try receiveDataSet(maximumBytes: Int64(maximumBytes)) { bytes.append(contentsOf: $0) }
        return bytes
    }

    /// Sends `bytes` as one fragment of the data set that follows a command.
    func writeFragment(_ bytes: UnsafeRawBufferPointer, isLast: Bool, on context: AcceptedContext) throws(Failure) {
        var value = cdcmtk_pdv(
            context: context.id, is_command: false, is_last: isLast,
            bytes: bytes.assumingMemoryBound(to: UInt8.self).baseAddress, count: bytes.count)
        try cdcmtk_association_write(handle, &value).check()
    }
}

/// The text of a C string in an array.
func string(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// The text of a C array inside a struct, up to its NUL.
func text<Characters>(of characters: Characters) -> String {
    withUnsafeBytes(of: characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}

/// A C string, or null, for the time of a call.
private func withOptionalCString<Result>(_ text: String?, _ body: (UnsafePointer<CChar>?) -> Result) -> Result {
    if let text { text.withCString { body($0) } } else { body(nil) }
}
