import DICOMVocabulary
import Dispatch
import Synchronization
import Testing

@testable import DICOMNetwork

@Suite("A thread that writes while more comes")
struct StagedWritingTests {
    /// A disk that takes its time, and says what it was given.
    private final class Disk: Sendable {
        let begun = DispatchSemaphore(value: 0)
        let mayEnd = DispatchSemaphore(value: 0)
        let written = Mutex([(CInt, Range<Int>)]())
        let failure = Mutex<Failure?>(nil)

        func write(_ descriptor: CInt, _ range: Range<Int>) -> Failure? {
            begun.signal()
            mayEnd.wait()
            written.withLock { $0.append((descriptor, range)) }
            return failure.withLock { $0 }
        }

        var ranges: [Range<Int>] { written.withLock { $0.map(\.1) } }
    }
    private let disk = Disk()
    private let writing: StagedWriting

    init() {
        let disk = disk
        writing = StagedWriting { disk.write($0, $1) }
    }

    @Test("What is asked for while a write is under way is written with one more, and settling waits for it")
    func together() {
        writing.begin(7)
        #expect(writing.ask(upTo: 4096).isTaken)
        disk.begun.wait()
        for end in [8192, 12_288, 16_384] { #expect(writing.ask(upTo: end) == (true, nil)) }
        disk.mayEnd.signal()
        disk.mayEnd.signal()
        let settled = writing.settle()
        #expect(settled.written == 16_384 && settled.failure == nil)
        #expect(disk.ranges == [0..<4096, 4096..<16_384])
        #expect(disk.written.withLock { $0.allSatisfy { $0.0 == 7 } })
        writing.end()
    }

    @Test("What comes last is left to the thread only where it is at work")
    func last() {
        writing.begin(7)
        writing.goOn(upTo: 4096)
        #expect(writing.settle() == (0, nil))
        #expect(writing.ask(upTo: 4096).isTaken)
        disk.begun.wait()
        writing.goOn(upTo: 8192)
        disk.mayEnd.signal()
        disk.mayEnd.signal()
        #expect(writing.settle() == (8192, nil))
        #expect(disk.ranges == [0..<4096, 4096..<8192])
        writing.end()
    }

    @Test("After a failure nothing more of the file is written, and the next file begins anew")
    func failure() {
        let full = Failure(.spoolFull, .tryAgain, .instance, detail: "full")
        disk.failure.withLock { $0 = full }
        writing.begin(7)
        #expect(writing.ask(upTo: 4096).isTaken)
        disk.begun.wait()
        #expect(writing.ask(upTo: 8192).isTaken)
        disk.mayEnd.signal()
        #expect(writing.settle().failure == full)
        #expect(writing.ask(upTo: 12_288).failure == full)
        #expect(disk.ranges == [0..<4096])
        disk.failure.withLock { $0 = nil }
        writing.begin(8)
        disk.mayEnd.signal()
        #expect(writing.ask(upTo: 4096).isTaken)
        #expect(writing.settle() == (4096, nil))
        #expect(disk.written.withLock { $0.last.map { $0 == (8, 0..<4096) } } == true)
        writing.end()
    }
}
