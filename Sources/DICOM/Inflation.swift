// Deflated data sets (PS3.5 A.5): unpacked into a file that has an end.

internal import CDCMTK
internal import DICOMVocabulary
internal import Glibc

/// Streams through zlib into a descriptor, at no time past the bounds: 600 kB may be packed from 600 MB.
enum Inflation {
    private static let chunk = 1 << 18
    /// Bytes that a writer may leave behind the stream: the padding to an even length, and, as dicom3tools do, a checksum
    /// and a length. They are looked at by nobody and never sent.
    private static let maximumTrailing: Int64 = 16

    /// Unpacks what stands in `packed` from `offset` to the end, and says how many bytes were written to the descriptor
    /// `to`, from its beginning.
    ///
    /// Fails with `.tooLarge` over `bounds`, with `.unwalkable` for what is no deflate stream, stops in the middle or has
    /// something behind it, with `.spoolFull` or `.ioError` where writing fails.
    static func unpack(
        _ packed: some ByteSource, from offset: Int64, to descriptor: CInt, bounds: ScanBounds
    ) throws(Failure) -> Int64 {
        var source = packed
        guard let inflater = cdcmtk_inflater_create() else { throw outOfMemory }
        defer { cdcmtk_inflater_destroy(inflater) }
        let limit = bounds.inflated(from: source.count - offset)
        let input = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: chunk, alignment: 16)
        defer {
            input.deallocate()
            output.deallocate()
        }
        var position = offset
        var written: Int64 = 0
        var ended = false
        while !ended {
            let got = try source.read(at: position, into: input)
            var (consumed, produced) = (0, 0)
            let status = cdcmtk_inflater_step(
                inflater, input.baseAddress?.assumingMemoryBound(to: UInt8.self), got,
                output.baseAddress?.assumingMemoryBound(to: UInt8.self), output.count, &consumed, &produced, &ended)
            guard status.code == CDCMTK_OK else {
                throw status.code == CDCMTK_OUT_OF_MEMORY ? outOfMemory : unreadable(status.message)
            }
            position += Int64(consumed)
            guard written + Int64(produced) <= limit else { throw tooLarge(limit) }
            try write(UnsafeRawBufferPointer(rebasing: output[..<produced]), to: descriptor, at: written)
            written += Int64(produced)
            if !ended, consumed == 0, produced == 0 { throw unreadable("it stops in the middle") }
        }
        let rest = source.count - position
        guard rest <= maximumTrailing else { throw unreadable("\(rest) bytes stand behind its end") }
        return written
    }

    private static func write(
        _ bytes: UnsafeRawBufferPointer, to descriptor: CInt, at offset: Int64
    ) throws(Failure) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done, off_t(offset) + off_t(done))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = count < 0 ? errno : EIO
                let isFull = reason == ENOSPC || reason == EDQUOT
                throw Failure(
                    isFull ? .spoolFull : .ioError, .tryAgain, .instance,
                    detail: "unpack: \(String(cString: strerror(reason)))",
                    hint: isFull ? "Free space on the spool's file system." : "Look at the spool's disk.")
            }
            done += count
        }
    }

    private static let outOfMemory = Failure(
        .outOfResources, .tryAgain, .instance, detail: "no memory to unpack a deflated data set")

    private static func unreadable(_ detail: String) -> Failure {
        Failure(
            .unwalkable, .person, .instance, detail: "the deflated data set cannot be unpacked: \(detail)",
            hint: "The object is damaged. Ask the sender for it again; nothing of it is sent on.")
    }

    private static func tooLarge(_ limit: Int64) -> Failure {
        Failure(
            .tooLarge, .person, .instance, detail: "the deflated data set unpacks to more than \(limit) bytes",
            hint: "Raise maximum_inflated and maximum_inflation under [intake.scan] if the object is right.")
    }
}
