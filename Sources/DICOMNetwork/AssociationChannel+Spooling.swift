// From the network into a file, and out of files into the network.

internal import CDCMTK
internal import DICOMVocabulary
internal import Glibc

extension AssociationChannel {
    /// How much of an object is written between two looks at the room that is left.
    private static let bytesBetweenLooks: Int64 = 4 << 20

    /// Writes the announced data set to a descriptor as it comes. After a write error, or when `room` says that there is
    /// no more, the rest is read over, so that the command can be answered, and then the failure is thrown.
    func receiveDataSet(
        into descriptor: CInt, maximumBytes: Int64, room: RoomCheck?
    ) throws(Failure) -> (bytes: Int64, digest: String) {
        var nextLook = Self.bytesBetweenLooks
        let digest = try Digest()
        var writeback = Writeback(descriptor)
        var total: Int64 = 0
        var failure: Failure?
        try receiveDataSet(maximumBytes: maximumBytes) { fragment in
            total += Int64(fragment.count)
            guard failure == nil else { return }
            digest.update(fragment)
            failure = Self.write(fragment, to: descriptor)
            writeback.wrote(fragment.count)
            if failure == nil, total >= nextLook, let room {
                nextLook = total + Self.bytesBetweenLooks
                failure = room()
            }
            FaultPoint.pass("worker.receive.mid-object")
        }
        if let failure { throw failure }
        writeback.finish()
        return (total, digest.finish())
    }

    /// While bytes still come, the disk writes those that are here: the fsync that follows has little left to wait for.
    private struct Writeback {
        private static let step: Int64 = 256 << 10
        private static let page: Int64 = 4096

        private let descriptor: CInt
        private var begun: Int64
        private var written: Int64

        init(_ descriptor: CInt) {
            self.descriptor = descriptor
            written = Int64(max(0, lseek(descriptor, 0, SEEK_CUR)))
            begun = 0
        }

        mutating func wrote(_ count: Int) {
            written += Int64(count)
            guard written - begun >= Self.step else { return }
            // Not the page that the next bytes go to.
            let end = written & ~(Self.page - 1)
            cdcmtk_begin_writeback(descriptor, begun, end - begun)
            begun = end
        }

        /// Little is left to the fsync, which would have to wait for one more request of it.
        func finish() {
            if written - begun >= Self.step / 4 { cdcmtk_begin_writeback(descriptor, begun, 0) }
        }
    }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) -> Failure? {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let written = Glibc.write(descriptor, rest.baseAddress, rest.count)
            if written < 0 {
                let error = errno
                if error == EINTR { continue }
                let isFull = error == ENOSPC || error == EDQUOT || error == EFBIG
                return Failure(
                    isFull ? .spoolFull : .ioError, .tryAgain, .instance, detail: "write: errno \(error)",
                    hint: isFull ? "free space in the spool's file system" : "")
            }
            done += written
        }
        return nil
    }

    /// The data set that follows a command, never more of it in memory than one PDU.
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
        for part in parts {
            var offset: Int64 = 0
            while offset < part.count {
                let count = Int(min(Int64(buffer.count - filled), part.count - offset))
                let target = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
                try Self.copy(part, at: offset, into: target)
                offset += Int64(count)
                filled += count
                remaining -= Int64(count)
                guard filled == buffer.count || remaining == 0 else { continue }
                try writeFragment(
                    UnsafeRawBufferPointer(rebasing: buffer[..<filled]), isLast: remaining == 0, on: context)
                FaultPoint.pass("worker.send.mid-object")
                if remaining > 0 { pace.sent(filled) }
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
        case .file(let descriptor, let start, _):
            var done = 0
            while done < target.count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: target[done...])
                let got = pread(descriptor, rest.baseAddress, rest.count, off_t(start + offset) + off_t(done))
                if got < 0, errno == EINTR { continue }
                guard got > 0 else {
                    throw Failure(
                        .ioError, .person, .instance,
                        detail: got == 0 ? "the file ends before its data set" : "pread: errno \(errno)")
                }
                done += got
            }
        }
    }
}
