// From the network into a file, and out of files into the network.

internal import CDCMTK
internal import DICOMVocabulary

extension AssociationChannel {
    /// How much of an object is written between two looks at the room that is left.
    private static let bytesBetweenLooks: Int64 = 4 << 20

    /// Writes the announced data set to a sink as it comes; the sink is the caller's to finish. After a write error, or when `room` says that there is no more,
    /// the rest is read over, so that the command can be answered, and then the failure is thrown.
    func receiveDataSet(
        into sink: ObjectSink, maximumBytes: Int64, room: RoomCheck?
    ) throws(Failure) -> (bytes: Int64, digest: String) {
        var nextLook = Self.bytesBetweenLooks
        let digest = try Digest()
        var total: Int64 = 0
        var failure: Failure?
        try receiveDataSet(maximumBytes: maximumBytes, into: { sink.room }) { fragment in
            total += Int64(fragment.count)
            guard failure == nil else { return }
            digest.update(fragment)
            failure = sink.write(fragment)
            if failure == nil, total >= nextLook, let room {
                nextLook = total + Self.bytesBetweenLooks
                failure = room()
            }
            FaultPoint.pass("worker.receive.mid-object")
        }
        if let failure { throw failure }
        sink.goOn()
        return (total, digest.finish())
    }

    /// The data set that follows a command, never more of it in memory than one PDU; what is in memory already leaves from there.
    func sendDataSet(
        _ parts: [DataSetPart], on context: AcceptedContext, bytesPerSecond: Int64? = nil
    ) throws(Failure) {
        var pace = Pace(bytesPerSecond)
        cdcmtk_association_begin_transfer(handle)
        defer { cdcmtk_association_end_transfer(handle) }
        var remaining = parts.reduce(0) { $0 + $1.count }
        guard remaining > 0 else {
            return try writeFragment(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, on: context)
        }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: fragmentSize, alignment: 16)
        defer { buffer.deallocate() }
        var filled = 0
        func send(_ fragment: UnsafeRawBufferPointer) throws(Failure) {
            try writeFragment(fragment, isLast: remaining == 0, on: context)
            FaultPoint.pass("worker.send.mid-object")
            if remaining > 0 { pace.sent(fragment.count) }
        }
        for part in parts {
            var offset: Int64 = 0
            while offset < part.count {
                let count = Int(min(Int64(buffer.count - filled), part.count - offset))
                remaining -= Int64(count)
                if filled == 0, count == buffer.count || remaining == 0, case .memory(let memory, let start, _) = part {
                    try send(memory[start + offset..<start + offset + Int64(count)])
                    offset += Int64(count)
                    continue
                }
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
                try Self.copy(part, at: offset, into: target)
                offset += Int64(count)
                filled += count
                guard filled == buffer.count || remaining == 0 else { continue }
                try send(UnsafeRawBufferPointer(rebasing: buffer[..<filled]))
                filled = 0
            }
        }
    }

    private static func copy(
        _ part: DataSetPart, at offset: Int64, into target: UnsafeMutableRawBufferPointer
    ) throws(Failure) {
        switch part {
        case .bytes(let bytes):
            let start = Int(offset)
            bytes.withUnsafeBytes {
                target.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[start..<start + target.count]))
            }
        case .memory(let memory, let start, _):
            target.copyMemory(from: memory[start + offset..<start + offset + Int64(target.count)])
        case .file(let descriptor, let start, _):
            let source = try FileByteSource(fileDescriptor: descriptor, count: start + part.count)
            guard try source.read(at: start + offset, into: target) == target.count else {
                throw Failure(.ioError, .person, .instance, detail: "the file ends before its data set")
            }
        }
    }
}
