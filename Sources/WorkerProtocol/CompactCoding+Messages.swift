// The messages that go with every instance, received or sent.

package import DICOMVocabulary

extension WorkerMessage: ChannelMessage {
    private static let instanceStoredForm: UInt8 = 3
    private static let instanceBegunForm: UInt8 = 2
    private static let sentForm: UInt8 = 5

    package var compact: CompactWriter? {
        switch self {
        case .instanceStored(let instance):
            var writer = CompactWriter(Self.instanceStoredForm)
            instance.encode(to: &writer)
            return writer
        case .instanceBegun(let uid):
            var writer = CompactWriter(Self.instanceBegunForm)
            writer.put(uid)
            return writer
        case .sent(let outcome) where outcome.failure == nil:
            var writer = CompactWriter(Self.sentForm)
            outcome.encode(to: &writer)
            return writer
        default: return nil
        }
    }

    package init(form: UInt8, from reader: inout CompactReader) throws(Failure) {
        switch form {
        case Self.instanceStoredForm: self = .instanceStored(try StoredInstance(from: &reader))
        case Self.instanceBegunForm: self = .instanceBegun(try reader.uid())
        case Self.sentForm: self = .sent(try SendOutcome(from: &reader))
        default: throw CompactReader.misunderstood
        }
    }
}

extension OfficeMessage: ChannelMessage {
    private static let verdictForm: UInt8 = 1
    private static let sendForm: UInt8 = 4

    package var compact: CompactWriter? {
        switch self {
        case .verdict(let verdict):
            var writer = CompactWriter(Self.verdictForm)
            verdict.encode(to: &writer)
            return writer
        // The first of a study on a lane says who the patient is, and that is not short.
        case .send(let job) where job.pseudonym == nil:
            var writer = CompactWriter(Self.sendForm)
            job.encode(to: &writer)
            return writer
        default: return nil
        }
    }

    package init(form: UInt8, from reader: inout CompactReader) throws(Failure) {
        switch form {
        case Self.verdictForm: self = .verdict(try StoreVerdict(from: &reader))
        case Self.sendForm: self = .send(try SendJob(from: &reader))
        default: throw CompactReader.misunderstood
        }
    }
}

extension StoredInstance: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        spoolKey = try reader.text()
        sopClass = try reader.uid()
        sopInstance = try reader.uid()
        study = try reader.uid()
        series = try reader.uid()
        transferSyntax = TransferSyntax(try reader.uid())
        dataSetBytes = try reader.number()
        digest = try reader.text()
        header = try InstanceHeader(from: &reader)
        identity = StudyIdentity(
            characterSet: try reader.text(), attributes: try reader.values(), sequences: try reader.values(),
            omitted: try reader.values())
        highPriority = try reader.flag()
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(spoolKey)
        writer.put(sopClass)
        writer.put(sopInstance)
        writer.put(study)
        writer.put(series)
        writer.put(transferSyntax.uid)
        writer.put(dataSetBytes)
        writer.put(digest)
        header.encode(to: &writer)
        writer.put(identity.characterSet)
        writer.put(identity.attributes)
        writer.put(identity.sequences)
        writer.put(identity.omitted)
        writer.put(highPriority)
    }
}

extension InstanceHeader: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        modality = try reader.text()
        bodyPart = try reader.text()
        priority = try reader.text()
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(modality)
        writer.put(bodyPart)
        writer.put(priority)
    }
}

extension RawAttribute: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        let tag = Tag(rawValue: try reader.number())
        guard let vr = VR(rawValue: try reader.text()) else { throw CompactReader.misunderstood }
        self.init(tag: tag, vr: vr, value: try reader.data())
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(tag.rawValue)
        writer.put(vr.rawValue)
        writer.put(value)
    }
}

extension RawSequence: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        let tag = try Tag(from: &reader)
        guard let encoding = Encoding(rawValue: try reader.number()) else { throw CompactReader.misunderstood }
        self.init(tag: tag, encoding: encoding, items: try reader.data())
    }

    func encode(to writer: inout CompactWriter) {
        tag.encode(to: &writer)
        writer.put(encoding.rawValue)
        writer.put(items)
    }
}

extension Tag: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) { self.init(rawValue: try reader.number()) }
    func encode(to writer: inout CompactWriter) { writer.put(rawValue) }
}

extension StoreVerdict: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        status = try reader.number()
        keepFile = try reader.flag()
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(status)
        writer.put(keepFile)
    }
}

/// Without a pseudonym.
extension SendJob: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        spoolKey = try reader.text()
        sopClass = try reader.uid()
        sopInstance = try reader.uid()
        transferSyntax = TransferSyntax(try reader.uid())
        digest = try reader.text()
        pseudonymIsAsBefore = try reader.flag()
        announces = try reader.flag()
        bytesPerSecond = try reader.flag() ? try reader.number() : nil
        tellsSeries = try reader.flag()
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(spoolKey)
        writer.put(sopClass)
        writer.put(sopInstance)
        writer.put(transferSyntax.uid)
        writer.put(digest)
        writer.put(pseudonymIsAsBefore)
        writer.put(announces)
        writer.put(bytesPerSecond != nil)
        if let bytesPerSecond { writer.put(bytesPerSecond) }
        writer.put(tellsSeries)
    }
}

/// Without a failure.
extension SendOutcome: CompactCodable {
    init(from reader: inout CompactReader) throws(Failure) {
        status = try reader.flag() ? try reader.number() : nil
        laneUsable = try reader.flag()
        bytes = try reader.number()
        seconds = Double(bitPattern: try reader.number())
    }

    func encode(to writer: inout CompactWriter) {
        writer.put(status != nil)
        if let status { writer.put(status) }
        writer.put(laneUsable)
        writer.put(bytes)
        writer.put(seconds.bitPattern)
    }
}
