import DICOMVocabulary
import Foundation
import Glibc
import Testing

@Suite final class FileRenewalTests {
    private let path = NSTemporaryDirectory() + "antipode-renewal-\(UUID().uuidString)"

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @Test("Every byte stands as before, and was written", arguments: [0, 1, 4096, (1 << 20) - 1, 3 << 20])
    func renews(count: Int) throws {
        let bytes = Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try bytes.write(to: URL(fileURLWithPath: path))
        let old = timeval(tv_sec: 1_000_000_000, tv_usec: 0)
        let times = [old, old]
        #expect(utimes(path, times) == 0)
        try FileRenewal.renew(path: path)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        var status = stat()
        #expect(stat(path, &status) == 0)
        // A write leaves its time behind; a mere fsync would not.
        #expect((status.st_mtim.tv_sec > 1_000_000_000) == (count > 0))
    }

    @Test("A file that is not there is well, and a folder is not")
    func others() throws {
        try FileRenewal.renew(path: path)
        let failure = #expect(throws: Failure.self) { try FileRenewal.renew(path: NSTemporaryDirectory()) }
        #expect(failure?.code == .ioError)
    }
}
